using System.Text.RegularExpressions;
using Portal.Tests.Support;
using Portal.Tokens.Reading;

namespace Portal.Tests.Tokens;

/// <summary>Results that are cached, or close to the other end of the list, don't require reading all tokens.</summary>
public sealed partial class TokenFinderTests
{
    [Fact]
    public async Task List_LastPage_IsReadFromTheEnd()
    {
        var recorder = new StatementRecorder();
        await using var portal = await CreateAsync(recorder);

        var rows = await portal.Reader.ListAsync(portal.Viewer, new TokenQuery { Page = 3, PageSize = 2, Sort = TokenSort.Name, Descending = false }, TestContext.Current.CancellationToken);

        Assert.Equal(["Token 5", "Token 6"], rows.Rows.Select(row => row.Name));
        Assert.DoesNotContain(recorder.Take(), statement => RowsLeftOut().IsMatch(statement));
    }

    [Fact]
    public async Task List_SameFilterAgain_IsNeitherCountedNorSortedAgain()
    {
        var recorder = new StatementRecorder();
        await using var portal = await CreateAsync(recorder);
        var query = new TokenQuery { ExtensionId = "EXT-000", PageSize = 2, Sort = TokenSort.Name, Descending = false };
        var first = await portal.Reader.ListAsync(portal.Viewer, query, TestContext.Current.CancellationToken);
        var before = recorder.Take();

        var second = await portal.Reader.ListAsync(portal.Viewer, query with { Page = 2 }, TestContext.Current.CancellationToken);

        Assert.Equal((first.Total, 2), (second.Total, second.Rows.Count));
        Assert.Contains(before, IsFilter);
        Assert.Contains(before, IsSort);
        Assert.DoesNotContain(recorder.Take(), statement => IsFilter(statement) || IsSort(statement));
    }

    [Fact]
    public async Task List_FewResults_AreSortedByThemselves()
    {
        var recorder = new StatementRecorder();
        await using var portal = await CreateAsync(recorder);

        await portal.Reader.ListAsync(portal.Viewer, new TokenQuery { ExtensionId = "EXT-000", PageSize = 2, Sort = TokenSort.Name }, TestContext.Current.CancellationToken);

        Assert.DoesNotContain(recorder.Take(), statement => IsSort(statement) && !Ids().IsMatch(statement));
    }

    private static async Task<TestPortal> CreateAsync(StatementRecorder recorder)
    {
        var portal = await TestPortal.CreateAsync(services: recorder.Register);
        for (var i = 1; i <= 6; i++)
            await portal.CreateAsync(name: $"Token {i}");
        recorder.Take();
        return portal;
    }

    private static bool IsFilter(string statement) => statement.Contains("\"ExtensionId\" = ", StringComparison.Ordinal);

    private static bool IsSort(string statement) => SortByName().IsMatch(statement);

    [GeneratedRegex("ORDER BY \"?t\"?.\"NameSortKey\"")]
    private static partial Regex SortByName();

    /// <summary>Matches a filter by known IDs.</summary>
    [GeneratedRegex("json_each|= ANY")]
    private static partial Regex Ids();

    /// <summary>Matches a number of rows that are read in vain.</summary>
    [GeneratedRegex("OFFSET [1-9]")]
    private static partial Regex RowsLeftOut();
}
