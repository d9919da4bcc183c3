using Portal.Api.Idempotency;

namespace Portal.Tests.Api.Idempotency;

public sealed class IdempotencyKeyTests
{
    [Theory]
    [InlineData("8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324")]
    [InlineData("\"8e03978e\"", "8e03978e")]
    [InlineData("\"a\\\"b\\\\c\"", "a\"b\\c")]
    [InlineData("!a\"~", "!a\"~")]
    public void Parse_WithOrWithoutQuotes_IsTheKey(string header, string expected) => Assert.Equal(expected, IdempotencyKey.Parse(header));

    [Theory]
    [InlineData("")]
    [InlineData("\"")]
    [InlineData("\"\"")]
    [InlineData("\"a")]
    [InlineData("\"a\"b\"")]
    [InlineData("\"a\\\"")]
    [InlineData("\"a\\n\"")]
    [InlineData("a b")]
    [InlineData("\"a b\"")]
    [InlineData("ä")]
    [InlineData("a\u0001")]
    public void Parse_AnythingElse_IsNone(string header) => Assert.Null(IdempotencyKey.Parse(header));

    [Fact]
    public void Parse_Length_IsLimitedWithoutTheQuotes()
    {
        var longest = new string('x', 255);
        Assert.Equal((longest, longest), (IdempotencyKey.Parse(longest), IdempotencyKey.Parse($"\"{longest}\"")));
        Assert.Null(IdempotencyKey.Parse(longest + "x"));
        Assert.Null(IdempotencyKey.Parse($"\"{longest}x\""));
    }

    [Fact]
    public void Parse_SentTwice_IsNone() => Assert.Null(IdempotencyKey.Parse(new(["a", "a"])));
}
