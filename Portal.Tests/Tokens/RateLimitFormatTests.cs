using Portal.Tokens;

namespace Portal.Tests.Tokens;

public sealed class RateLimitFormatTests
{
    [Theory]
    [InlineData("1 per second", 1, RateUnit.Second)]
    [InlineData(" 100  PER Minute ", 100, RateUnit.Minute)]
    [InlineData("5000 per hour", 5000, RateUnit.Hour)]
    [InlineData("1000000 per day", 1_000_000, RateUnit.Day)]
    public void Parse_Limit_IsRead(string text, int requests, RateUnit per) => Assert.Equal(new RateLimit(requests, per), RateLimit.Parse(text));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("100")]
    [InlineData("0 per minute")]
    [InlineData("1000001 per minute")]
    [InlineData("99999999999 per minute")]
    [InlineData("-1 per minute")]
    [InlineData("1.5 per minute")]
    [InlineData("10 per week")]
    [InlineData("١٠ per minute")]
    public void Parse_AnythingElse_IsRefused(string? text) => Assert.Null(RateLimit.Parse(text));

    [Theory]
    [InlineData("1 per second", "1 request per second")]
    [InlineData("12000 per day", "12,000 requests per day")]
    public void Describe_Limit_IsASentencesPart(string text, string expected) => Assert.Equal(expected, RateLimit.Parse(text)!.Value.Describe());

    [Theory]
    [InlineData(null, "default")]
    [InlineData("", "none")]
    [InlineData("100 per minute", "100 per minute")]
    [InlineData("10 per week", "default")]
    [InlineData("damaged", "default")]
    public void Restore_Stored_IsReadAndNeverLiftsTheLimitByMistake(string? stored, string expected) => Assert.Equal(expected, RateLimitChoice.Restore(stored).Code);
}
