using Microsoft.EntityFrameworkCore;
using Portal.Api.Rql;
using Portal.Data;
using Portal.Tests.Api.Rql;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Reading;

namespace Portal.Tests.Api;

/// <summary>For speed, pages aren't always found as the query says, but their content is the same.</summary>
public sealed class TokenPageTests
{
    private static readonly string[] Queries =
    [
        "", "ordering(-name)", "ordering(status,-id)", "ordering(-expiration_date)", "ordering(extension.id,name)", "status=active", "in(status,(expired,deleted))",
        "ne(status,active)&ordering(name)", "extension.name=custom", "permissions.id=MD-0002&ordering(-events.created.at)", "out(permissions.id,(MD-0002,MD-0018))",
        "ge(events.created.at,2020-01-01)&like(name,*a*)", "like(name,a*)&ordering(name)", "in(name,(a,ab,AB))&ordering(-name)",
        "ilike(name,A*)&ordering(name)", "(name=a|external_id=a)", "not(name=a)", "lt(expiration_date,2030-01-01)&ordering(expiration_date)", "expiration_date=null()",
        "search=a", "name=nobody",
    ];

    [Theory]
    [InlineData(0, DeletedTokens.Included)]
    [InlineData(20, DeletedTokens.LeftOut)]
    [InlineData(2_000, DeletedTokens.Only)]
    public async Task Find_EveryPage_IsThatOfTheQuery(int few, DeletedTokens deleted)
    {
        await using var tokens = await RqlTokens.CreateAsync();
        using var finder = new TokenFinder(null!, null!, few);
        foreach (var row in tokens.Rows.Where((_, place) => place % 3 == 0))
            await tokens.Context.Tokens.Where(token => token.Id == row.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(token => token.DeletedAt, tokens.Clock.Now), TestContext.Current.CancellationToken);
        foreach (var text in Queries)
        {
            Assert.True(RqlParser.TryParse(text, out var query, out var error), $"{text}: {error}");
            Assert.Empty(tokens.Properties.Read(query, out var selection));
            var wanted = new TokenSelection(deleted, selection.OrderFilter, selection.Filter, selection.Order, RqlKey.Of(query.Filter), text, ChangesWithTime: true);
            var rows = tokens.Context.Tokens.AsNoTracking();
            rows = deleted == DeletedTokens.Included ? rows : rows.Where(token => token.DeletedAt != null == (deleted == DeletedTokens.Only));
            Assert.Empty(tokens.Properties.Apply(rows, query, out var all));
            List<long> expected = [.. all.Select(token => token.Id)];

            foreach (var (offset, limit) in new[] { (0, 7), (0, 1_000), (5, 10), (expected.Count / 2, 9), (expected.Count - 4, 10), (expected.Count, 5), (3, 0) })
            {
                var (ids, total) = await finder.FindAsync(
                    tokens.Context, TestPortal.Account, wanted, tokens.Clock, Math.Max(offset, 0), limit, TestContext.Current.CancellationToken);
                Assert.Equal((text, offset, expected.Count), (text, offset, total));
                Assert.Equal(expected.Skip(Math.Max(offset, 0)).Take(limit), ids);
            }
        }
    }

    [Fact]
    public async Task Total_AfterEachChange_IsCountedAnew()
    {
        await using var portal = new PortalHost();
        await portal.InitializeAsync();
        var (key, other) = (await portal.CreateTokenAsync(null, "MD-0007", "MD-0002"), await portal.CreateTokenAsync(null, "MD-0002"));
        Task<string> Totals() => TotalsAsync(portal, key, "", "status=active", "status=inactive", "permissions.id=MD-0002", "name=Renamed", "search=renamed", "status=deleted");

        Assert.Equal("2 2 0 2 0 0 0", await Totals());
        Assert.Equal("2 2 0 2 0 0 0", await Totals());
        await portal.DisableAsync(other);
        Assert.Equal("2 1 1 2 0 0 0", await Totals());
        await portal.EditModulesAsync(other, new ModuleChoice(false, ["MD-0007"]));
        Assert.Equal("2 1 1 1 0 0 0", await Totals());
        await portal.CallAsync(key, "PATCH", $"{ApiCalls.TokensPath}/{key.Handle}", """{"name": "Renamed"}""").JsonAsync();
        Assert.Equal("2 1 1 1 1 1 0", await Totals());
        await portal.DeleteAsync(other);
        Assert.Equal("1 1 0 1 1 1 1", await Totals());
        await portal.CreateTokenAsync();
        Assert.Equal("2 2 0 2 1 1 1", await Totals());
        await portal.ForeignAsync();
        Assert.Equal("2 2 0 2 1 1 1", await Totals());
    }

    /// <summary>The clock changes lists too.</summary>
    [Fact]
    public async Task Total_WhenAKeyEndsOrIsAboutTo_IsCountedAnew()
    {
        await using var portal = new PortalHost();
        await portal.InitializeAsync();
        var (key, start) = (await portal.CreateTokenAsync(), portal.Clock.GetUtcNow().UtcDateTime);
        var ending = await portal.CreateTokenAsync(start.AddDays(31));
        Task<string> Totals() => TotalsAsync(portal, key, "status=active", "status=expiring", "status=expired", "status=revitalised");

        Assert.Equal("2 0 0 0", await Totals());
        portal.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal("1 1 0 0", await Totals());
        await portal.RenewAsync(ending, start.AddDays(100));
        Assert.Equal("1 0 0 1", await Totals());
        portal.Clock.Advance(TimeSpan.FromDays(30));
        Assert.Equal("2 0 0 0", await Totals());
        portal.Clock.Advance(TimeSpan.FromDays(60));
        Assert.Equal("1 1 0 0", await Totals());
        portal.Clock.Advance(TimeSpan.FromDays(9));
        Assert.Equal("1 0 1 0", await Totals());
    }

    /// <summary>Any change of a token counts, even from outside Portal; its use doesn't.</summary>
    [Fact]
    public async Task Totals_OfAnAccount_FollowItsTokens()
    {
        await using var portal = new PortalHost();
        await portal.InitializeAsync();
        await using var context = await portal.ContextAsync();
        Task<TokenTotals> StoredAsync() => context.TokenTotals.AsNoTracking().SingleAsync();
        await portal.CreateTokenAsync();
        var key = await portal.CreateTokenAsync();
        var before = await StoredAsync();

        await context.Tokens.ExecuteUpdateAsync(set => set.SetProperty(token => token.LastUsedAt, DateTime.UnixEpoch));
        Assert.Equal((2, before.Version), ((await StoredAsync()).Kept, (await StoredAsync()).Version));
        await context.TokenPermissions.ExecuteDeleteAsync();
        Assert.NotEqual(before.Version, (await StoredAsync()).Version);
        await context.Tokens.Where(token => token.Handle == key.Handle).ExecuteDeleteAsync();
        Assert.Equal(1, (await StoredAsync()).Kept);
    }

    private static async Task<string> TotalsAsync(PortalHost portal, ApiKey key, params string[] queries)
    {
        List<string> totals = [];
        foreach (var query in queries)
        {
            using var response = await portal.SendAsync(key, $"{ApiCalls.TokensPath}?{query}");
            totals.Add(PortalHost.ContentRangeOf(response)!.Split('/')[1]);
        }

        return string.Join(' ', totals);
    }
}
