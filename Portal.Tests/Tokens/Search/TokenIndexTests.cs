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

    [Theory]
    [InlineData(IndexedSort.Status)]
    [InlineData(IndexedSort.Permissions)]
    [InlineData(IndexedSort.Extension)]
    public void Page_ByProperty_HasTheOrderOfASort(IndexedSort by)
    {
        using var index = new TokenIndex();
        var tokens = Enumerable.Range(1, 1_000).Select(Varied).ToList();
        Assert.True(index.TryApply(tokens));
        string[] extensions = ["EXT-002", "EXT-000", "EXT-001"];
        var set = index.Find(new TokenSearch([], DeletedTokens.Included, Clock));
        long[] expected = [.. tokens.OrderBy(token => by switch
        {
            IndexedSort.Status => (int)Clock.Of(token.Status, token.ExpiresAt, token.PreviousEndsAt),
            IndexedSort.Permissions => token.AllModules ? int.MaxValue : (int)UInt128.PopCount(token.Modules),
            _ => extensions.IndexOf(token.ExtensionId),
        }).ThenBy(token => token.Id).Select(token => token.Id)];
        var order = new IndexedOrder(by, Descending: false) { Extensions = extensions };

        foreach (var (offset, count) in new[] { (0, 25), (330, 40), (990, 25), (1_000, 5), (0, 1_000) })
        {
            Assert.Equal(expected.Skip(offset).Take(count), set.Page(order, Clock, offset, count));
            Assert.Equal(expected.Reverse().Skip(offset).Take(count), set.Page(order with { Descending = true }, Clock, offset, count));
        }
    }

    [Fact]
    public void Page_ByExtensionWithAnUnknownOne_HasNone()
    {
        using var index = Create(10);
        Assert.NotNull(Find(index, "NUMBER").Page(new IndexedOrder(IndexedSort.Extension, false) { Extensions = ["EXT-000"] }, Clock, 0, 5));
        Assert.Null(Find(index, "NUMBER").Page(new IndexedOrder(IndexedSort.Extension, false) { Extensions = ["EXT-001"] }, Clock, 0, 5));
    }

    [Fact]
    public void Page_IdsNotInOrderOfAge_HasEqualTokensInOrderOfId()
    {
        using var index = Create(3);
        var byStatus = new IndexedOrder(IndexedSort.Status, Descending: false);
        Assert.True(index.TryApply([Token(20, "NUMBER"), Token(15, "NUMBER") with { CreatedAt = Start.AddDays(9) }]));
        Assert.Equal([0, 1, 2, 15, 20], Find(index, "NUMBER").Page(byStatus, Clock, 0, 9)!);
        Assert.True(index.TryApply([Token(12, "NUMBER") with { CreatedAt = Start.AddDays(10) }]));
        Assert.Equal([20, 15, 12, 2, 1, 0], Find(index, "NUMBER").Page(byStatus with { Descending = true }, Clock, 0, 9)!);
    }

    [Fact]
    public void Find_Module_FindsGrantsOfItAndOfAllModules()
    {
        using var index = new TokenIndex();
        Assert.True(index.TryApply(
        [
            Token(1, "A") with { Modules = UInt128.One << 127 }, Token(2, "A") with { Modules = UInt128.One }, Token(3, "A") with { AllModules = true }, Token(4, "A"),
        ]));
        var search = new TokenSearch([], DeletedTokens.LeftOut, Clock);
        Assert.Equal([1, 3], index.Find(search with { Module = 127 }).Ids());
        Assert.Equal([2, 3], index.Find(search with { Module = 0 }).Ids());
        Assert.Equal([2], index.Find(search with { Module = 0, Except = new HashSet<long> { 3 } }).Ids());
        Assert.True(index.TryApply([Token(3, "A"), Token(4, "A") with { AllModules = true }]));
        Assert.Equal([1, 4], index.Find(search with { Module = 127 }).Ids());
    }

    [Fact]
    public void Find_LongestTexts_AreFound()
    {
        using var index = Create(0);
        var name = new string('日', 600);
        Assert.True(index.TryApply(Enumerable.Range(0, 2_000).Select(i => Token(i, $"{name}{i}Z"))));
        Assert.Equal([1_999], Find(index, "日1999Z").Ids());
    }

    private static IndexedToken Varied(int i) => Token(i, "NUMBER") with
    {
        ExtensionId = $"EXT-00{i % 3}",
        Status = (StoredStatus)(i / 7 % 4),
        ExpiresAt = i % 5 == 0 ? Clock.Now.AddDays((i % 100) - 40) : null,
        PreviousEndsAt = i % 11 == 0 ? Clock.Now.AddDays(1) : null,
        AllModules = i % 13 == 0,
        Modules = (UInt128)(i * 37 % 64) << (i % 90),
    };

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
