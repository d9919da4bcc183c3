using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Details;

namespace Portal.Tests.Tokens.Details;

public sealed class RateLimitInputTests
{
    [Theory]
    [InlineData("en-US", "1,000", 1_000)]
    [InlineData("en-US", "1.000", 0)]
    [InlineData("de-DE", "1.000", 1_000)]
    [InlineData("de-DE", "1.000.000", 1_000_000)]
    [InlineData("de-DE", "1,000", 0)]
    [InlineData("de-AT", "1.000", 1_000)]
    [InlineData("de-CH", "1’000", 1_000)]
    [InlineData("de-CH", "1.000", 0)]
    public void ToChoice_Separator_IsThatOfTheReader(string culture, string text, int requests)
    {
        using var reader = new ReaderCulture(culture);

        Assert.Equal(requests, new RateLimitInput { Rule = RateRule.Own, Requests = text, Per = RateUnit.Day }.ToChoice().Limit?.Requests);
    }

    /// <summary>A number with a decimal separator must not become ten times as large.</summary>
    [Theory]
    [InlineData("100", 100)]
    [InlineData(" 100 ", 100)]
    [InlineData("1 000", 1_000)]
    [InlineData("1\u00A0000\u00A0000", 1_000_000)]
    [InlineData("2.5", 0)]
    [InlineData("2,5", 0)]
    [InlineData("0.5", 0)]
    [InlineData("1,000.5", 0)]
    [InlineData("1,000.000", 0)]
    [InlineData("10,00", 0)]
    [InlineData("1000,000", 0)]
    [InlineData(",100", 0)]
    [InlineData("-1", 0)]
    [InlineData("1e3", 0)]
    [InlineData("\u0661\u0662", 0)]
    [InlineData("99999999999", 0)]
    [InlineData("", 0)]
    public void ToChoice_Number_IsReadAlikeInEveryLanguage(string text, int requests)
    {
        foreach (var culture in new[] { "", "en-US", "de-DE", "de-AT", "de-CH" })
        {
            using var reader = new ReaderCulture(culture);

            Assert.Equal(requests, new RateLimitInput { Rule = RateRule.Own, Requests = text, Per = RateUnit.Day }.ToChoice().Limit?.Requests);
        }
    }
}
