using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Audit;
using Portal.Authentication;
using Portal.Catalog;
using Portal.IpRules;
using Portal.Statistics;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Reading;

namespace Portal.Tests.Tokens;

/// <summary>Deleted tokens are removed at the end of their retention, and nothing else is.</summary>
public sealed class DeletedTokenSweepTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sweep_RetentionIsOver_RemovesEverythingButTheAuditEntries()
    {
        await using var portal = await TestPortal.CreateAsync();
        var gone = await UsedAsync(portal, "Old shop");
        var kept = await UsedAsync(portal, "New shop");
        await portal.Tokens.DeleteAsync(portal.Administrator, gone.Handle, cancellation: Cancellation);
        portal.Clock.Advance(TimeSpan.FromDays(29));
        Assert.Equal(0, await SweepAsync(portal));
        Assert.Single((await portal.Reader.ListDeletedAsync(portal.Viewer, "", 1, 25, Cancellation)).Rows);

        portal.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(1, await SweepAsync(portal));

        await using var context = await portal.OpenAsync();
        var left = await context.Tokens.Where(token => token.Handle == kept.Handle).Select(token => token.Id).SingleAsync(Cancellation);
        Assert.Equal([left], await context.Tokens.Select(token => token.Id).ToListAsync(Cancellation));
        Assert.Equal([left], await context.TokenSecrets.Select(secret => secret.TokenId).Distinct().ToListAsync(Cancellation));
        Assert.Equal([left], await context.TokenPermissions.Select(permission => permission.TokenId).Distinct().ToListAsync(Cancellation));
        Assert.Equal([left], await context.DailyCounts.Select(count => count.TokenId).Distinct().ToListAsync(Cancellation));
        Assert.Equal([left], await context.LatencyCounts.Select(count => count.TokenId).Distinct().ToListAsync(Cancellation));
        Assert.Equal([left], await context.RecentRequests.Select(recent => recent.TokenId).Distinct().ToListAsync(Cancellation));
        Assert.Equal([left], await context.IpRules.Select(rule => rule.TokenId!.Value).Distinct().ToListAsync(Cancellation));
        Assert.DoesNotContain(await context.Notices.Where(notice => notice.TokenId != null).Select(notice => notice.TokenId).ToListAsync(Cancellation), id => id != left);
        var entries = (await portal.AuditAsync()).FindAll(entry => entry.TargetId == gone.Handle);
        Assert.Equal([AuditAction.TokenCreated, AuditAction.IpRuleAdded, "token.deleted", AuditAction.TokenPurged], entries.ConvertAll(entry => entry.Action));
        Assert.Equal(("portal", "Old shop"), (entries[^1].ActorId, entries[^1].TargetName));
        Assert.Equal("""{"deleted_at":"2030-01-15T12:00:00Z"}""", entries[^1].Details);
        Assert.Empty((await portal.Services.GetRequiredService<AuditChecker>().CheckAsync(portal.Administrator, cancellation: Cancellation)).Chain.Broken);
    }

    [Fact]
    public async Task Sweep_RemovedToken_IsUnknownButNotForgotten()
    {
        await using var portal = await TestPortal.CreateAsync();
        var gone = await PurgedAsync(portal, "Old shop");

        Assert.Null(await portal.Reader.FindAsync(portal.Viewer, gone.Handle, Cancellation));
        var purged = await portal.Reader.FindPurgedAsync(portal.Viewer, gone.Handle, Cancellation);
        Assert.Equal(new PurgedToken(gone.Handle, "Old shop", portal.Now), purged);
        Assert.Null(await portal.Reader.FindPurgedAsync(portal.OtherAccountActor, gone.Handle, Cancellation));
        Assert.IsType<TokenOutcome.NotFound>(await portal.Tokens.RestoreAsync(portal.Administrator, gone.Handle, new TokenRestoration(), cancellation: Cancellation));
        Assert.False(await AcceptsAsync(portal, gone.Key!));
        var activity = await portal.Services.GetRequiredService<AuditReader>().ListOfTokenAsync(portal.Viewer, gone.Handle, cancellation: Cancellation);
        Assert.Equal(AuditAction.TokenPurged, activity.Events[0].Action);
        await using var context = await portal.OpenAsync();
        Assert.False(await TokenService.IsFreeAsync(context, gone.Handle, Cancellation));
        Assert.True(await TokenService.IsFreeAsync(context, "SU-000-000-000", Cancellation));
        await portal.CreateAsync(name: "Old shop");
    }

    [Fact]
    public async Task Sweep_CountsThatArriveLate_AreDropped()
    {
        await using var portal = await TestPortal.CreateAsync();
        var gone = await UsedAsync(portal, "Old shop");
        await portal.Tokens.DeleteAsync(portal.Administrator, gone.Handle, cancellation: Cancellation);
        portal.Clock.Advance(TimeSpan.FromDays(30));
        await CountAsync(portal, gone.Handle, flush: false);
        var kept = await UsedAsync(portal, "New shop", flush: false);
        await SweepAsync(portal);

        // The first one notices that a token is gone.
        Assert.False(await portal.Services.GetRequiredService<CountWriter>().FlushAsync());
        Assert.True(await portal.Services.GetRequiredService<CountWriter>().FlushAsync());

        Assert.Equal(1, await portal.Services.GetRequiredService<StatisticsReader>().CountTodayAsync(portal.Viewer, kept.Handle, Cancellation));
    }

    [Fact]
    public async Task Sweep_Restored_StaysAndTwoSweepsAtOnceRecordItOnce()
    {
        await using var portal = await TestPortal.CreateAsync();
        var back = await portal.CreateAsync(name: "Back");
        await portal.Tokens.DeleteAsync(portal.Administrator, back.Handle, cancellation: Cancellation);
        await portal.Tokens.RestoreAsync(portal.Administrator, back.Handle, new TokenRestoration(), cancellation: Cancellation);
        for (var i = 0; i < DeletedTokenSweep.TokensAtOnce / 10; i++)
            await portal.Tokens.DeleteAsync(portal.Administrator, (await portal.CreateAsync(name: $"Token {i}")).Handle, cancellation: Cancellation);
        portal.Clock.Advance(TimeSpan.FromDays(31));

        var removed = await Task.WhenAll(SweepAsync(portal), SweepAsync(portal));

        Assert.Equal(DeletedTokenSweep.TokensAtOnce / 10, removed.Sum());
        Assert.Equal(DeletedTokenSweep.TokensAtOnce / 10, (await portal.AuditAsync()).Count(entry => entry.Action == AuditAction.TokenPurged));
        Assert.Equal(TokenStatus.Inactive, await portal.StatusAsync(back.Handle));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Search_AfterTheSweep_FindsTheRest(bool knewTheDeletion)
    {
        await using var portal = await TestPortal.CreateAsync();
        var gone = await portal.CreateAsync(name: "Old shop");
        await portal.CreateAsync(name: "New shop");
        Assert.Equal(2, (await portal.ListAsync(new TokenQuery { Search = "shop" })).Count);
        await portal.Tokens.DeleteAsync(portal.Administrator, gone.Handle, cancellation: Cancellation);
        if (knewTheDeletion)
            Assert.Single((await portal.Reader.ListDeletedAsync(portal.Viewer, "old", 1, 25, Cancellation)).Rows);
        portal.Clock.Advance(TimeSpan.FromDays(31));
        await SweepAsync(portal);

        Assert.Equal(["New shop"], (await portal.ListAsync(new TokenQuery { Search = "shop", WithDeleted = true })).Select(row => row.Name));
        Assert.Empty((await portal.Reader.ListDeletedAsync(portal.Viewer, "shop", 1, 25, Cancellation)).Rows);
        await portal.CreateAsync(name: "Third shop");
        Assert.Equal(2, (await portal.ListAsync(new TokenQuery { Search = "shop", WithDeleted = true })).Count);
    }

    [Fact]
    public async Task Sweep_NoRetention_LeavesTimeToUndo()
    {
        await using var portal = await TestPortal.CreateAsync(settings: new() { ["Tokens:DeletedRetentionDays"] = "0" });
        var created = await portal.CreateAsync();
        var deleted = Assert.IsType<TokenOutcome.Done>(await portal.Tokens.DeleteAsync(portal.Administrator, created.Handle, cancellation: Cancellation));
        Assert.Equal(0, await SweepAsync(portal));
        await portal.Tokens.UndoDeletionAsync(portal.Administrator, created.Handle, deleted.Former!, null, Cancellation);
        await portal.Tokens.DeleteAsync(portal.Administrator, created.Handle, cancellation: Cancellation);
        portal.Clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(1, await SweepAsync(portal));
    }

    [Fact]
    public async Task ListDeleted_NewestFirst_SaysByWhomAndUntilWhen()
    {
        await using var portal = await TestPortal.CreateAsync();
        foreach (var name in (string[])["First", "Second", "Third"])
        {
            await portal.Tokens.DeleteAsync(portal.Administrator, (await portal.CreateAsync(name: name)).Handle, cancellation: Cancellation);
            portal.Clock.Advance(TimeSpan.FromDays(14));
        }

        await portal.CreateAsync(name: "Kept");
        var page = await portal.Reader.ListDeletedAsync(portal.Administrator, "", 1, 2, Cancellation);
        Assert.Equal((3, "Third,Second"), (page.Total, string.Join(',', page.Rows.Select(row => row.Name))));
        Assert.Equal(("An Administrator", TestPortal.Start.AddDays(28), TestPortal.Start.AddDays(58), true), (page.Rows[0].DeletedBy, page.Rows[0].DeletedAt, page.Rows[0].RestorableUntil, page.Rows[0].CanBeRestored));
        var last = Assert.Single((await portal.Reader.ListDeletedAsync(portal.Administrator, "", 2, 2, Cancellation)).Rows);
        Assert.Equal(("First", false), (last.Name, last.CanBeRestored));
        Assert.False((await portal.Reader.ListDeletedAsync(portal.Operator, "", 1, 25, Cancellation)).Rows[0].CanBeRestored);
        Assert.Equal(["Second"], (await portal.Reader.ListDeletedAsync(portal.Viewer, "sec", 1, 25, Cancellation)).Rows.Select(row => row.Name));
        Assert.Empty((await portal.Reader.ListDeletedAsync(portal.OtherAccountActor, "", 1, 25, Cancellation)).Rows);
        var refused = Assert.IsType<TokenOutcome.Refused>(await portal.Tokens.RestoreAsync(portal.Administrator, last.Handle, new TokenRestoration(), cancellation: Cancellation));
        Assert.Contains("30 days", refused.Message, StringComparison.Ordinal);
    }

    private static Task<int> SweepAsync(TestPortal portal) => portal.Services.GetRequiredService<DeletedTokenSweep>().SweepAsync(Cancellation);

    private static async Task<TokenOutcome.Done> PurgedAsync(TestPortal portal, string name)
    {
        var created = await portal.CreateAsync(name: name);
        Assert.True(await AcceptsAsync(portal, created.Key!));
        await portal.Tokens.DeleteAsync(portal.Administrator, created.Handle, cancellation: Cancellation);
        portal.Clock.Advance(TimeSpan.FromDays(31));
        Assert.Equal(1, await SweepAsync(portal));
        return created;
    }

    private static async Task<TokenOutcome.Done> UsedAsync(TestPortal portal, string name, bool flush = true)
    {
        var created = await portal.CreateAsync(name: name);
        await portal.Services.GetRequiredService<IpRuleService>().AddAsync(portal.Administrator, new NewIpRule("Home", "192.0.2.0/24", created.Handle), cancellation: Cancellation);
        await CountAsync(portal, created.Handle, flush);
        return created;
    }

    private static async Task CountAsync(TestPortal portal, string handle, bool flush)
    {
        await using var context = await portal.OpenAsync();
        var id = await context.Tokens.Where(token => token.Handle == handle).Select(token => token.Id).SingleAsync(Cancellation);
        portal.Services.GetRequiredService<RequestCounters>().Count(
            new CountKey(id, DateOnly.FromDateTime(portal.Now), TestTokens.Agreements, 200, ""), new Use(1, portal.Now, IPAddress.Loopback, TestTokens.Agreements, "curl"),
            served: new ServedRequest("GET", "/agreements", TimeSpan.FromMilliseconds(3)));
        if (flush)
            Assert.True(await portal.Services.GetRequiredService<CountWriter>().FlushAsync());
    }

    private static async Task<bool> AcceptsAsync(TestPortal portal, ApiKey key)
    {
        var target = RequestTarget.Parse("/public/v1/agreements", ApiKeyMiddleware.BasePath, portal.Services.GetRequiredService<PathOwners>());
        return (await portal.Services.GetRequiredService<AccessEvaluator>().EvaluateAsync(new AccessRequest(key.ToHeaderValue(), target.Owner, null, "/"), Cancellation)).Refusal is null;
    }
}
