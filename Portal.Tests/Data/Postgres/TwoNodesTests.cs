using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Statistics;
using Portal.Tests.Support;

namespace Portal.Tests.Data.Postgres;

/// <summary>Two nodes change the same database at once.</summary>
[Slow]
public sealed class TwoNodesTests
{
    private const int Tokens = 20, Rounds = 10;
    private static readonly DateTime At = TestPortal.Start;

    [Fact]
    public async Task Flush_TwoNodesAtOnce_CountsAddUp()
    {
        await using var first = await TestPortal.CreateAsync(onPostgres: true);
        await using var second = await TestPortal.CreateAsync(server: TestDatabase.FindConnectionString(first.Directory));
        var handles = new List<string>();
        for (var i = 0; i < Tokens; i++)
            handles.Add((await first.CreateAsync(name: $"Token {i}")).Handle);

        // The same counts in the opposite order: without an order of their own, the writers would wait for each other.
        await Task.WhenAll(CountAsync(first, backwards: false), CountAsync(second, backwards: true));

        await using var context = await first.OpenAsync();
        var cancellation = TestContext.Current.CancellationToken;
        Assert.Equal(2 * Rounds * Tokens * 4, await context.DailyCounts.SumAsync(count => count.Count, cancellation));
        Assert.Equal(Tokens * 4, await context.DailyCounts.CountAsync(cancellation));
        Assert.Equal(2 * Rounds * Tokens * 4, await context.LatencyCounts.SumAsync(count => count.Count, cancellation));
        Assert.All(await context.Tokens.ToListAsync(cancellation), token => Assert.Equal(At.AddSeconds(Rounds), token.LastUsedAt));
        foreach (var handle in handles)
            Assert.Equal(
                2 * Rounds * 4,
                (await first.Services.GetRequiredService<StatisticsReader>().ReadRecentAsync(first.Viewer, handle, cancellation)).Count);
    }

    /// <summary>The first requests of a token, of which both nodes know nothing.</summary>
    [Fact]
    public async Task Flush_FirstRequestsOnTwoNodesAtOnce_AreAllKept()
    {
        await using var first = await TestPortal.CreateAsync(onPostgres: true);
        await using var second = await TestPortal.CreateAsync(server: TestDatabase.FindConnectionString(first.Directory));
        var handle = (await first.CreateAsync()).Handle;
        Count(first, 1, "MD-0002", At, "/first");
        Count(second, 1, "MD-0002", At, "/second");

        Assert.All(await Task.WhenAll(FlushAsync(first), FlushAsync(second)), Assert.True);

        var recent = await first.Services.GetRequiredService<StatisticsReader>().ReadRecentAsync(first.Viewer, handle, TestContext.Current.CancellationToken);
        Assert.Equal(["/first", "/second"], recent.Select(request => request.Path).Order());
    }

    [Fact]
    public async Task Change_TwoNodesAtOnce_OneNameAndAWholeAuditLog()
    {
        await using var first = await TestPortal.CreateAsync(onPostgres: true);
        await using var second = await TestPortal.CreateAsync(server: TestDatabase.FindConnectionString(first.Directory));
        for (var i = 0; i < Rounds; i++)
        {
            var name = $"Token {i}";
            var outcomes = await Task.WhenAll(new[] { first, second }.Select(portal => Task.Run(() => portal.Tokens.CreateAsync(portal.Operator, TestTokens.Wanted(name)))));
            Assert.Single(outcomes.OfType<Portal.Tokens.TokenOutcome.Done>());
        }

        await using var context = await first.OpenAsync();
        Assert.Equal(Rounds, await context.Tokens.CountAsync(TestContext.Current.CancellationToken));
        Assert.Equal(Rounds, (await context.TokenTotals.SingleAsync(TestContext.Current.CancellationToken)).Kept);
        var chain = await Portal.Data.AuditChain.CheckAsync(context, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal((Rounds, 0), (chain.Entries, chain.Broken.Count));
    }

    private static Task CountAsync(TestPortal portal, bool backwards) => Task.Run(async () =>
    {
        string[] modules = ["MD-0002", "MD-0003", "MD-0007", "MD-0018"];
        for (var round = 1; round <= Rounds; round++)
        {
            foreach (var tokenId in Order(Enumerable.Range(1, Tokens)))
                foreach (var module in Order(modules))
                    Count(portal, tokenId, module, At.AddSeconds(round), "/path");
            Assert.True(await FlushAsync(portal));
        }

        IEnumerable<T> Order<T>(IEnumerable<T> items) => backwards ? items.Reverse() : items;
    });

    private static void Count(TestPortal portal, long tokenId, string module, DateTime at, string path) => portal.Services.GetRequiredService<RequestCounters>().Count(
        new CountKey(tokenId, DateOnly.FromDateTime(At), module, 200, ""), new Use(tokenId, at, IPAddress.Loopback, module), served: new ServedRequest("GET", path, TimeSpan.Zero));

    private static Task<bool> FlushAsync(TestPortal portal) => portal.Services.GetRequiredService<CountWriter>().FlushAsync(TestContext.Current.CancellationToken);
}
