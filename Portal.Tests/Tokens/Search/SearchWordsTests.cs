using Portal.Tokens.Search;

namespace Portal.Tests.Tokens.Search;

public sealed class SearchWordsTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData("  \t ", "")]
    [InlineData("lyon sync", "LYON|SYNC")]
    [InlineData("  sync\tLYON  sync ", "SYNC|LYON")]
    [InlineData("a report of", "REPORT|OF|A")]
    [InlineData("…5c43", "…5C43")]
    [InlineData("...5c43", "…5C43")]
    [InlineData("...", "...")]
    [InlineData("ApiKey SU-160-984-311:…5c43", "SU-160-984-311|…5C43")]
    [InlineData("SU-160-984-311:…5c43", "SU-160-984-311|…5C43")]
    [InlineData("ApiKey header", "APIKEY|HEADER")]
    [InlineData("a\0b", "A|B")]
    public void Parse_Text_GivesItsWordsLongestFirst(string? text, string expected) =>
        Assert.Equal(expected, string.Join('|', SearchWords.Parse(text)));
}
