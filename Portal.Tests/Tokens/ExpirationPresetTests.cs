using Portal.Tokens;

namespace Portal.Tests.Tokens;

public sealed class ExpirationPresetTests
{
    private static readonly DateTime From = new(2028, 1, 31, 12, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData("1 day", "2028-02-01T12:00:00Z")]
    [InlineData("30 days", "2028-03-01T12:00:00Z")]
    [InlineData("1 month", "2028-02-29T12:00:00Z")]
    [InlineData("6 months", "2028-07-31T12:00:00Z")]
    [InlineData("1 year", "2029-01-31T12:00:00Z")]
    [InlineData("10 years", "2038-01-31T12:00:00Z")]
    public void EndFrom_APreset_IsThatMuchLater(string text, string expected) =>
        Assert.Equal(DateTime.Parse(expected, null, System.Globalization.DateTimeStyles.AdjustToUniversal), ExpirationPreset.Parse(text)!.EndFrom(From));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("soon")]
    [InlineData("0 days")]
    [InlineData("-1 days")]
    [InlineData("3661 days")]
    [InlineData("121 months")]
    [InlineData("11 years")]
    [InlineData("99999 days")]
    [InlineData("30days")]
    [InlineData("30 days\n")]
    [InlineData("\u0663\u0660 days")]
    [InlineData("1 week")]
    public void Parse_AnythingElse_IsNull(string? text) => Assert.Null(ExpirationPreset.Parse(text));

    [Fact]
    public void Validate_AWrongPreset_NamesItsKeyAndValue()
    {
        var options = new TokenOptions { ExpirationPresets = ["30 days", "soon"] };
        var result = new ExpirationPresetValidator().Validate(null, options);
        Assert.StartsWith("Tokens:ExpirationPresets:1 \"soon\"", result.FailureMessage, StringComparison.Ordinal);
    }
}
