using Portal.Data;
using Portal.Tokens;
using Portal.Tokens.Reading;
using Portal.Tokens.Search;

namespace Portal.Tests.Tokens.Search;

/// <summary>The index with more tokens than one chunk of text holds.</summary>
public sealed class TokenIndexTests
{
    private static readonly DateTime Start = new(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly StatusClock Clock = new(Start.AddYears(1), Start.AddYears(1).AddDays(30));

    [Fact]
    public void Find_ManyTokens_FindsEachAndPagesThroughThem()
    {
        using var index = Create(100_000);

        Assert.Equal([77_777], Find(index, "NUMBER77777X").Ids());
        Assert.Equal(100_000, Find(index, "NUMBER").Count);
        Assert.Equal(1_112, Find(index, "NUMBER1", "1X").Count);
        var set = Find(index, "7X");
        long[] expected = [.. Enumerable.Range(0, 100_000).Where(i => i % 10 == 7).Select(i => (long)i)];
        Assert.Equal(expected, set.Ids());
        foreach (var (offset, count) in new[] { (0, 25), (9_990, 25), (5_000, 10), (10_000, 5), (63, 66) })
        {
            Assert.Equal(expected.Skip(offset).Take(count), set.Page(offset, count, descending: false));
            Assert.Equal(expected.Reverse().Skip(offset).Take(count), set.Page(offset, count, descending: true));
        }
    }

    [Fact]
    public void TryApply_ReplacedTexts_AreNoLongerFoundAndWearTheIndex()
    {
        using var index = Create(20_000);
        Assert.False(index.IsWorn);

        for (var round = 0; round < 3; round++)
            Assert.True(index.TryApply(Enumerable.Range(0, 20_000).Select(i => Token(i, $"CHANGED{i}Y"))));

        Assert.Equal((0, 20_000), (Find(index, "NUMBER").Count, Find(index, "CHANGED").Count));
        Assert.True(index.IsWorn);
    }

    [Fact]
    public void TryApply_TokenOlderThanKnownOnes_IsRefused()
    {
        using var index = Create(10);
        Assert.False(index.TryApply([Token(50, "LATE") with { CreatedAt = Start.AddSeconds(3) }]));
    }

    [Fact]
    public void PageByStatus_IdsNotInOrderOfAge_HasNone()
    {
        using var index = Create(10);
        Assert.NotNull(Find(index, "NUMBER").PageByStatus(Clock, 0, 5, descending: false));
        Assert.True(index.TryApply([Token(20, "NUMBER"), Token(15, "NUMBER") with { CreatedAt = Start.AddDays(9) }]));
        Assert.Null(Find(index, "NUMBER").PageByStatus(Clock, 0, 5, descending: false));
    }

    [Fact]
    public void Find_LongestTexts_AreFound()
    {
        using var index = Create(0);
        var name = new string('日', 600);
        Assert.True(index.TryApply(Enumerable.Range(0, 2_000).Select(i => Token(i, $"{name}{i}Z"))));
        Assert.Equal([1_999], Find(index, "日1999Z").Ids());
    }

    private static TokenSet Find(TokenIndex index, params string[] words) => index.Find(new TokenSearch(words, DeletedTokens.LeftOut, Clock));

    private static TokenIndex Create(int count)
    {
        var index = new TokenIndex();
        Assert.True(index.TryApply(Enumerable.Range(0, count).Select(i => Token(i, $"NUMBER{i}X"))));
        return index;
    }

    private static IndexedToken Token(int i, string text) => new(
        i, ApiKey.HandleOf(900_000_000 + i), text, "An operator", "EXT-000", StoredStatus.Active, Start.AddSeconds(i), null, null, IsDeleted: false);
}
