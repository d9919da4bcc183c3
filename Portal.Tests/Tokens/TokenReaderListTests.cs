using Microsoft.EntityFrameworkCore;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Reading;

namespace Portal.Tests.Tokens;

public sealed class TokenReaderListTests
{
    [Theory]
    [InlineData("100%", "100% sure")]
    [InlineData("%", "100% sure")]
    [InlineData("_", "under_score")]
    [InlineData("\\", "back\\slash")]
    [InlineData("'", "O'Brien")]
    [InlineData("o'BRIEN", "O'Brien")]
    [InlineData("ОТЧ", "отчёт")]
    [InlineData("отчёт", "отчёт")]
    [InlineData("ψάρι", "ΨΆΡΙ")]
    [InlineData("日本", "日本語")]
    [InlineData("שלום", "שלום עולם")]
    [InlineData("  100%  ", "100% sure")]
    public async Task List_Search_FindsTheTextAsItIsInAnyScriptAndCase(string search, string expected)
    {
        await using var portal = await TestPortal.CreateAsync();
        foreach (var name in (string[])["100% sure", "under_score", "back\\slash", "O'Brien", "отчёт", "ΨΆΡΙ", "日本語", "שלום עולם", "plain"])
            await portal.CreateAsync(name: name);

        Assert.Equal([expected], (await portal.ListAsync(new TokenQuery { Search = search })).Select(row => row.Name));
    }

    [Fact]
    public async Task List_Search_LooksThroughNameHandleExternalIdAndDescription()
    {
        await using var portal = await TestPortal.CreateAsync();
        var created = await portal.CreateAsync(TestTokens.Wanted("Alpha") with { ExternalId = "Beta", Description = "Gamma\r\nDelta" });
        await portal.CreateAsync(name: "Other");

        foreach (var search in (string[])["alph", "BETA", "gamma", "delta", created.Handle, created.Handle.ToLowerInvariant(), created.Handle[3..]])
            Assert.Equal(created.Handle, Assert.Single(await portal.ListAsync(new TokenQuery { Search = search })).Handle);
        Assert.Empty(await portal.ListAsync(new TokenQuery { Search = "AlphaBeta" }));
        Assert.Empty(await portal.ListAsync(new TokenQuery { Search = new string('x', 10_000) }));
        Assert.Equal(2, (await portal.ListAsync(new TokenQuery { Search = "   " })).Count);
    }

    [Fact]
    public async Task List_Status_TheDatabaseSaysWhatTheRuleSays()
    {
        await using var portal = await TestPortal.CreateAsync();
        await MakeOneInEveryStatusAsync(portal);

        foreach (var status in Enum.GetValues<TokenStatus>())
        {
            var row = Assert.Single(await portal.ListAsync(new TokenQuery { Status = status }));
            Assert.Equal(($"{status}", status), (row.Name, row.Status));
        }
    }

    [Fact]
    public async Task List_SortedByStatus_FollowsTheShownStatus()
    {
        await using var portal = await TestPortal.CreateAsync();
        await MakeOneInEveryStatusAsync(portal);

        var rows = await portal.ListAsync(new TokenQuery { WithDeleted = true, Sort = TokenSort.Status, Descending = false });

        Assert.Equal(Enum.GetValues<TokenStatus>(), rows.Select(row => row.Status));
    }

    [Fact]
    public async Task List_Deleted_OnlyWhenAskedFor()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.Tokens.DeleteAsync(portal.Administrator, (await portal.CreateAsync(name: "Gone")).Handle);
        await portal.CreateAsync(name: "Here");

        Assert.Equal(["Here"], (await portal.ListAsync(new TokenQuery())).Select(row => row.Name));
        Assert.Equal(["Here", "Gone"], (await portal.ListAsync(new TokenQuery { WithDeleted = true })).Select(row => row.Name));
        Assert.Equal(["Gone"], (await portal.ListAsync(new TokenQuery { Status = TokenStatus.Deleted })).Select(row => row.Name));
    }

    [Fact]
    public async Task List_ExtensionOrModule_FindsThoseThatHaveIt()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.CreateAsync(TestTokens.Wanted("Agreements only", TestTokens.Agreements));
        await portal.CreateAsync(TestTokens.Wanted("Billing only", TestTokens.Billing));
        await portal.CreateAsync(TestTokens.Wanted("Everything") with { Modules = ModuleChoice.All, ExtensionId = "EXT-003" });

        Assert.Equal(["Everything", "Billing only"], (await portal.ListAsync(new TokenQuery { ModuleId = TestTokens.Billing })).Select(row => row.Name));
        Assert.Equal(["Everything"], (await portal.ListAsync(new TokenQuery { ExtensionId = "EXT-003" })).Select(row => row.Name));
        Assert.Empty(await portal.ListAsync(new TokenQuery { ModuleId = "MD-9999" }));
        Assert.Empty(await portal.ListAsync(new TokenQuery { ExtensionId = "EXT-999" }));
    }

    [Fact]
    public async Task List_Expiring_FindsKeysThatEndWithinTheWindow()
    {
        await using var portal = await TestPortal.CreateAsync(settings: new() { ["Tokens:ExpiringWithinDays"] = "7" });
        foreach (var days in (int?[])[1, 7, 8, null])
            await portal.CreateAsync(days, days is null ? "never" : $"{days}");
        portal.Clock.Advance(TimeSpan.FromTicks(1));

        Assert.Equal(["7", "1"], (await portal.ListAsync(new TokenQuery { Expiring = true })).Select(row => row.Name));
        portal.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(["8", "7"], (await portal.ListAsync(new TokenQuery { Expiring = true })).Select(row => row.Name));
    }

    [Fact]
    public async Task List_Idle_FindsWhatWasNotUsedForSoLong()
    {
        await using var portal = await TestPortal.CreateAsync(settings: new() { ["Tokens:IdleAfterDays"] = "10" });
        await portal.CreateAsync(name: "Never used");
        await portal.CreateAsync(name: "Used long ago");
        await portal.CreateAsync(name: "Used lately");
        await portal.ExecuteAsync(
            """
            UPDATE Tokens SET LastUsedAt = '2030-01-16 00:00:00' WHERE Name = 'Used long ago';
            UPDATE Tokens SET LastUsedAt = '2030-01-17 12:00:00.5' WHERE Name = 'Used lately'
            """);

        portal.Clock.Advance(TimeSpan.FromDays(12));

        Assert.Equal(["Used long ago", "Never used"], (await portal.ListAsync(new TokenQuery { Idle = true })).Select(row => row.Name));
    }

    [Theory]
    [InlineData(TokenSort.Name, "alpha,Beta,gamma")]
    [InlineData(TokenSort.Extension, "alpha,gamma,Beta")] // custom, flowgear, zapier
    [InlineData(TokenSort.Permissions, "alpha,Beta,gamma")] // one, four, all
    [InlineData(TokenSort.Created, "alpha,Beta,gamma")]
    [InlineData(TokenSort.Expires, "Beta,alpha,gamma")] // perpetual last
    [InlineData(TokenSort.LastUsed, "gamma,alpha,Beta")] // never used first
    public async Task List_Sorted_BothWays(TokenSort sort, string expected)
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.CreateAsync(TestTokens.Wanted("alpha") with { ExpiresAt = portal.Now.AddDays(20) });
        portal.Clock.Advance(TimeSpan.FromSeconds(1));
        await portal.CreateAsync(TestTokens.Wanted("Beta") with { ExpiresAt = portal.Now.AddDays(10), ExtensionId = "EXT-001" });
        portal.Clock.Advance(TimeSpan.FromSeconds(1));
        await portal.CreateAsync(TestTokens.Wanted("gamma") with { ExpiresAt = null, ExtensionId = "EXT-003", Modules = ModuleChoice.All });
        await portal.ExecuteAsync(
            """
            UPDATE Tokens SET LastUsedAt = '2030-01-15 12:00:00' WHERE Name = 'alpha';
            UPDATE Tokens SET LastUsedAt = '2030-01-15 12:00:00.25' WHERE Name = 'Beta'
            """);

        var up = (await portal.ListAsync(new TokenQuery { Sort = sort, Descending = false })).Select(row => row.Name).ToList();
        var down = (await portal.ListAsync(new TokenQuery { Sort = sort, Descending = true })).Select(row => row.Name);

        Assert.Equal(expected, string.Join(',', up));
        Assert.Equal(up.AsEnumerable().Reverse(), down);
    }

    [Fact]
    public async Task List_PageByPage_ShowsEveryTokenOnceThoughAllAreEqual()
    {
        await using var portal = await TestPortal.CreateAsync();
        for (var i = 0; i < 23; i++)
            await portal.CreateAsync(name: $"Token {i}");

        foreach (var sort in Enum.GetValues<TokenSort>())
        {
            var pages = new List<TokenPage>();
            for (var page = 1; page <= 3; page++)
                pages.Add(await portal.Reader.ListAsync(portal.Viewer, new TokenQuery { Sort = sort, Page = page, PageSize = 10 }));
            Assert.Equal([(10, 23), (10, 23), (3, 23)], pages.Select(page => (page.Rows.Count, page.Total)));
            Assert.Equal(23, pages.SelectMany(page => page.Rows).Select(row => row.Handle).Distinct().Count());
        }
    }

    [Theory]
    [InlineData(0, 10, 3)]
    [InlineData(-5, 10, 3)]
    [InlineData(2, 10, 0)]
    [InlineData(int.MaxValue, 100, 0)]
    [InlineData(21_474_838, 100, 0)] // just past what an integer holds
    [InlineData(1, 0, 1)]
    [InlineData(1, int.MaxValue, 3)]
    public async Task List_AnyPageNumberAndSize_IsAnswered(int page, int size, int rows)
    {
        await using var portal = await TestPortal.CreateAsync();
        for (var i = 0; i < 3; i++)
            await portal.CreateAsync(name: $"Token {i}");

        var found = await portal.Reader.ListAsync(portal.Viewer, new TokenQuery { Page = page, PageSize = size });

        Assert.Equal((rows, 3), (found.Rows.Count, found.Total));
    }

    [Fact]
    public async Task List_LargestPage_IsNeverExceeded()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.CreateAsync();
        await portal.ExecuteAsync(CopiesOfTheFirstToken(150));

        var found = await portal.Reader.ListAsync(portal.Viewer, new TokenQuery { PageSize = int.MaxValue });

        Assert.Equal((TokenQuery.LargestPage, 151), (found.Rows.Count, found.Total));
    }

    private static string CopiesOfTheFirstToken(int count) =>
        $"""
        WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})
        INSERT INTO Tokens (AccountId, Handle, CreationId, Name, NameKey, SearchText, ExtensionId, ExtensionName, Status, AllModules,
            CreatedAt, CreatedById, CreatedByName, UpdatedAt, UpdatedById, UpdatedByName, Version, MayOutlive, CreatedByKind, ListVersion)
        SELECT AccountId, 'SU-000-000-' || (100 + n), {TestDatabase.Guid("(10000000 + n) || '-0000-0000-0000-000000000000'")}, 'Copy ' || n, 'COPY ' || n, '', ExtensionId, ExtensionName, Status, AllModules,
            CreatedAt, CreatedById, CreatedByName, UpdatedAt, UpdatedById, UpdatedByName, Version, MayOutlive, CreatedByKind, ListVersion
        FROM Tokens, numbers
        """;

    private static async Task MakeOneInEveryStatusAsync(TestPortal portal)
    {
        var handles = new Dictionary<TokenStatus, string>();
        foreach (var status in Enum.GetValues<TokenStatus>())
            handles[status] = (await portal.CreateAsync(status == TokenStatus.Expired ? 1 : status == TokenStatus.Expiring ? 20 : 90, $"{status}")).Handle;
        await portal.Tokens.RenewAsync(portal.Operator, handles[TokenStatus.Revitalised], portal.Now.AddDays(200));
        await portal.Tokens.DisableAsync(portal.Operator, handles[TokenStatus.Inactive]);
        await portal.Tokens.DeleteAsync(portal.Administrator, handles[TokenStatus.Deleted]);
        await portal.ExecuteAsync($"UPDATE Tokens SET Status = 0 WHERE Handle = '{handles[TokenStatus.Pending]}'");
        portal.Clock.Advance(TimeSpan.FromDays(1));
        await using var context = await portal.OpenAsync();
        Assert.Equal(handles.Count, await context.Tokens.CountAsync());
    }
}
