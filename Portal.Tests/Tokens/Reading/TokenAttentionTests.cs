using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.Statistics;
using Portal.Tests.Support;
using Portal.Tokens.Reading;
using Portal.Wire;

namespace Portal.Tests.Tokens.Reading;

/// <summary>What is counted for attention, and that the list shows exactly what is counted.</summary>
public sealed class TokenAttentionTests
{
    [Fact]
    public void Reasons_OfCounts_AreThoseOfTheGateway() =>
        Assert.Equal((ErrorCodes.TokenNotUsable, CountReason.RetiredKey), (DailyCount.NotUsable, DailyCount.RetiredKey));

    [Fact]
    public async Task Count_NewAccount_FindsNothing()
    {
        await using var portal = await TestPortal.CreateAsync();
        var counts = await CountAsync(portal);
        Assert.Equal(new AttentionCounts(0, 0, 0, 0, 0, 0), counts);
        Assert.False(counts.Any);
    }

    [Fact]
    public async Task ExpiringSoon_KeysThatEndWithinSevenDays_AreFoundUnlessTheyWorkNoLonger()
    {
        await using var portal = await TestPortal.CreateAsync();
        foreach (var days in (int?[])[1, 7, 8, null])
            await portal.CreateAsync(days, days is null ? "never" : $"{days}");
        await portal.Tokens.DisableAsync(portal.Operator, (await portal.CreateAsync(3, "disabled")).Handle);
        await portal.Tokens.DeleteAsync(portal.Administrator, (await portal.CreateAsync(3, "deleted")).Handle);
        await portal.Tokens.RenewAsync(portal.Operator, (await portal.CreateAsync(3, "renewed")).Handle, portal.Now.AddDays(90));

        Assert.Equal(["7", "1"], await ListAsync(portal, TokenAttention.ExpiringSoon));
        portal.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(["8", "7"], await ListAsync(portal, TokenAttention.ExpiringSoon));
    }

    [Fact]
    public async Task ExpiredCalled_ExpiredAndRefusedTodayOrYesterday()
    {
        await using var portal = await TestPortal.CreateAsync();
        foreach (var name in (string[])["today", "yesterday", "before", "other reason", "passed on", "not called"])
            await portal.CreateAsync(1, name);
        await portal.CreateAsync(90, "live");
        portal.Clock.Advance(TimeSpan.FromDays(3));
        await AddAsync(portal, "today", 0, "AUTH_002");
        await AddAsync(portal, "yesterday", -1, "AUTH_002");
        await AddAsync(portal, "before", -2, "AUTH_002");
        await AddAsync(portal, "other reason", 0, "AUTH_003");
        await AddAsync(portal, "passed on", 0, "");
        await AddAsync(portal, "live", 0, "AUTH_002");

        Assert.Equal(["yesterday", "today"], await ListAsync(portal, TokenAttention.ExpiredCalled));
    }

    [Fact]
    public async Task RefusedToday_AnyReasonButARetiredKey()
    {
        await using var portal = await TestPortal.CreateAsync();
        foreach (var name in (string[])["address", "limit", "retired", "yesterday", "fine", "deleted"])
            await portal.CreateAsync(90, name);
        await AddAsync(portal, "address", 0, "AUTH_003");
        await AddAsync(portal, "address", 0, "AUTH_004");
        await AddAsync(portal, "limit", 0, "RATE_001");
        await AddAsync(portal, "retired", 0, "RETIRED");
        await AddAsync(portal, "yesterday", -1, "AUTH_003");
        await AddAsync(portal, "fine", 0, "");
        await AddAsync(portal, "deleted", 0, "AUTH_003");
        await portal.Tokens.DeleteAsync(portal.Administrator, (await portal.ListAsync(new TokenQuery { Search = "deleted" }))[0].Handle);

        Assert.Equal(["limit", "address"], await ListAsync(portal, TokenAttention.RefusedToday));
    }

    [Fact]
    public async Task RetiredKey_UsedInTheLastSevenDays()
    {
        await using var portal = await TestPortal.CreateAsync();
        foreach (var name in (string[])["today", "six days ago", "seven days ago", "refused"])
            await portal.CreateAsync(90, name);
        await AddAsync(portal, "today", 0, "RETIRED");
        await AddAsync(portal, "six days ago", -6, "RETIRED");
        await AddAsync(portal, "seven days ago", -7, "RETIRED");
        await AddAsync(portal, "refused", 0, "AUTH_003");

        Assert.Equal(["six days ago", "today"], await ListAsync(portal, TokenAttention.RetiredKey));
    }

    [Fact]
    public async Task IdleAndNeverUsed_DoNotOverlapAndLeaveOutWhatDoesNotWork()
    {
        await using var portal = await TestPortal.CreateAsync(settings: new() { ["Tokens:IdleAfterDays"] = "10" });
        foreach (var name in (string[])["idle", "used", "never used"])
            await portal.CreateAsync(90, name);
        var disabled = await portal.CreateAsync(90, "disabled");
        await portal.CreateAsync(1, "expired");
        portal.Clock.Advance(TimeSpan.FromDays(20));
        await portal.CreateAsync(90, "new");
        await portal.ExecuteAsync(
            """
            UPDATE Tokens SET LastUsedAt = '2030-01-16 00:00:00' WHERE Name IN ('idle', 'disabled', 'expired');
            UPDATE Tokens SET LastUsedAt = '2030-02-01 00:00:00' WHERE Name = 'used'
            """);
        await portal.Tokens.DisableAsync(portal.Operator, disabled.Handle);

        Assert.Equal(["idle"], await ListAsync(portal, TokenAttention.Idle));
        Assert.Equal(["never used"], await ListAsync(portal, TokenAttention.NeverUsed));
    }

    [Fact]
    public async Task Count_OtherAccount_CountsItsOwnTokens()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.CreateAsync(3, "mine");
        await AddAsync(portal, "mine", 0, "AUTH_003");
        var counts = await portal.Services.GetRequiredService<TokenAttentionReader>().CountAsync(portal.OtherAccountActor, TestContext.Current.CancellationToken);
        Assert.False(counts.Any);
        Assert.Empty((await portal.Reader.ListAsync(portal.OtherAccountActor, new TokenQuery { Attention = TokenAttention.RefusedToday }, TestContext.Current.CancellationToken)).Rows);
    }

    /// <summary>Lists the names, after checking that as many are counted, by the database alone and by the index of the search.</summary>
    private static async Task<IEnumerable<string>> ListAsync(TestPortal portal, TokenAttention attention)
    {
        var before = await CountAsync(portal);
        var names = (await portal.ListAsync(new TokenQuery { Attention = attention })).Select(row => row.Name).ToList();
        Assert.Equal(before[attention], names.Count);
        Assert.Equal(before[attention], (await CountAsync(portal))[attention]);
        return names;
    }

    private static Task<AttentionCounts> CountAsync(TestPortal portal) =>
        portal.Services.GetRequiredService<TokenAttentionReader>().CountAsync(portal.Viewer, TestContext.Current.CancellationToken);

    private static Task AddAsync(TestPortal portal, string name, int days, string reason) => portal.ExecuteAsync(
        $"""
        INSERT INTO DailyCounts (TokenId, Day, ModuleId, StatusCode, Reason, Count)
        SELECT Id, '{portal.Now.AddDays(days):yyyy-MM-dd}', 'MD-0002', {(reason.Length > 0 ? 403 : 200)}, '{reason}', 3 FROM Tokens WHERE Name = '{name}'
        """);
}
