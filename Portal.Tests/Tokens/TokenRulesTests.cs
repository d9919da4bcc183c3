using Portal.Tokens;

namespace Portal.Tests.Tokens;

public sealed class TokenRulesTests
{
    private static readonly DateTime Now = new(2030, 1, 15, 12, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData("a")]
    [InlineData("  Nightly report  ")]
    [InlineData("שלום עולם")]
    [InlineData("تقرير ليلي")]
    [InlineData("می‌خواهم")] // with the joiner that Persian needs
    [InlineData("日本語の名前")]
    [InlineData("👩‍👩‍👧 family")]
    [InlineData("100 % _ \\ ' \" <script>")]
    public void CheckName_OfAnyScript_IsFine(string name) => Assert.Null(TokenRules.CheckName(name));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("\u00a0\u2003")]
    [InlineData("\u200b")]
    [InlineData("\ufeff\u2060")]
    public void CheckName_NothingToSee_AsksForOne(string? name) => Assert.Equal("Enter a name.", TokenRules.CheckName(name));

    [Theory]
    [InlineData("a\u0000b")]
    [InlineData("a\tb")]
    [InlineData("a\nb")]
    [InlineData("a\u001bb")]
    [InlineData("a\u007fb")]
    [InlineData("a\u0085b")]
    [InlineData("a\u2028b")]
    [InlineData("a\u2029b")]
    public void CheckName_ControlCharacter_SaysWhere(string name) =>
        Assert.Contains("control character", TokenRules.CheckName(name), StringComparison.Ordinal);

    [Fact]
    public void CheckName_HalfASurrogatePair_SaysWhere() => // not as inline data: attributes hold well-formed text only
        Assert.Contains("position 2", TokenRules.CheckName("a" + (char)0xD800 + "b"), StringComparison.Ordinal);

    [Theory]
    [InlineData('\u202a')]
    [InlineData('\u202b')]
    [InlineData('\u202c')]
    [InlineData('\u202d')]
    [InlineData('\u202e')]
    [InlineData('\u2066')]
    [InlineData('\u2067')]
    [InlineData('\u2068')]
    [InlineData('\u2069')]
    [InlineData('\u200e')]
    [InlineData('\u200f')]
    [InlineData('\u061c')]
    public void CheckName_DirectionControl_IsRefusedAndLocated(char control)
    {
        var fault = TokenRules.CheckName($"ab{control}cd");
        Assert.Contains("direction", fault, StringComparison.Ordinal);
        Assert.Contains("position 3", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(128, true)]
    [InlineData(129, false)]
    public void CheckName_Length_IsCountedInCharactersAsPeopleCount(int length, bool fine)
    {
        Assert.Equal(fine, TokenRules.CheckName(new string('x', length)) is null);
        Assert.Equal(fine, TokenRules.CheckName(string.Concat(Enumerable.Repeat("🙂", length))) is null);
        Assert.Equal(fine, TokenRules.CheckName("   " + new string('x', length) + "   ") is null);
    }

    [Fact]
    public void CheckExternalId_NoneOrTooLong_IsFineOrToldApart()
    {
        Assert.Null(TokenRules.CheckExternalId(null));
        Assert.Null(TokenRules.CheckExternalId("   "));
        Assert.Null(TokenRules.CheckExternalId(new string('x', 128)));
        Assert.Contains("129 characters. The maximum is 128.", TokenRules.CheckExternalId(new string('x', 129)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("one\ntwo")]
    [InlineData("one\r\ntwo")]
    [InlineData("one\rtwo")]
    public void CheckDescription_SeveralLines_IsFine(string description) => Assert.Null(TokenRules.CheckDescription(description));

    [Theory]
    [InlineData("one\u000ctwo")]
    [InlineData("one\u0085two")]
    [InlineData("one\u2028two")]
    [InlineData("one\ttwo")]
    [InlineData("one\u202etwo")]
    public void CheckDescription_OtherControlCharacters_AreRefused(string description) => Assert.NotNull(TokenRules.CheckDescription(description));

    [Fact]
    public void CheckDescription_LineEndings_CountOnce()
    {
        Assert.Null(TokenRules.CheckDescription(string.Concat(Enumerable.Repeat("a\r\n", 127)) + "a"));
        Assert.Contains("257 characters", TokenRules.CheckDescription(string.Concat(Enumerable.Repeat("a\r\n", 128)) + "a"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1, "future")]
    [InlineData(0, "future")]
    [InlineData(1, null)]
    [InlineData(86_400, null)]
    public void CheckExpiration_AroundNow_MustBeLater(int seconds, string? fault) => AssertFault(fault, TokenRules.CheckExpiration(Now.AddSeconds(seconds), Now));

    [Fact]
    public void CheckExpiration_FarAway_EndsWithin100Years()
    {
        Assert.Null(TokenRules.CheckExpiration(null, Now));
        Assert.Null(TokenRules.CheckExpiration(Now.AddYears(100).AddTicks(-1), Now));
        AssertFault("100 years", TokenRules.CheckExpiration(Now.AddYears(100), Now));
        AssertFault("100 years", TokenRules.CheckExpiration(DateTime.MaxValue, Now));
        AssertFault("future", TokenRules.CheckExpiration(DateTime.MinValue, Now));
    }

    [Theory]
    [InlineData("Nightly report", "NIGHTLY REPORT")]
    [InlineData("отчёт", "ОТЧЁТ")]
    [InlineData("Straße", " straße ")]
    [InlineData("report", "re\u00adport")] // soft hyphen
    [InlineData("report", "report \u200b")]
    public void NameKey_LooksTheSame_IsTheSame(string one, string other) => Assert.Equal(TokenRules.NameKey(one), TokenRules.NameKey(other));

    [Fact]
    public void NameKey_LooksDifferent_Differs() => Assert.NotEqual(TokenRules.NameKey("report 1"), TokenRules.NameKey("report 2"));

    private static void AssertFault(string? part, string? fault)
    {
        if (part is null)
            Assert.Null(fault);
        else
            Assert.Contains(part, fault, StringComparison.Ordinal);
    }
}
