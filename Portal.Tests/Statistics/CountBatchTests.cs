using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portal.Statistics;
using Portal.Tests.Support;

namespace Portal.Tests.Statistics;

/// <summary>Counts that wait because the database refuses them: they are bounded, and one token's failures don't affect others.</summary>
public sealed class CountBatchTests
{
    private static readonly DateTime At = new(2030, 1, 15, 12, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void Add_MoreThanMayWait_LosesDetailsFirstAndNoRequest()
    {
        var (batch, counters, sent) = (new CountBatch { MostRecentBytes = 20_000, MostEntries = 50 }, new RequestCounters(), 0);
        for (var round = 0; round < 20; round++)
        {
            for (var i = 0; i < 40; i++, sent++)
                Count(counters, tokenId: 1 + i % 4, module: $"MD-{sent:0000}", path: "/" + new string('x', 500));
            counters.TakeInto(batch);
        }

        var tokens = batch.Tokens.ToList();
        Assert.Equal(sent, batch.Requests);
        Assert.InRange(tokens.Sum(token => token.Kinds), 50, 54);
        Assert.InRange(tokens.Sum(token => token.Times), 1, 50);
        Assert.InRange(tokens.Sum(token => token.Recent?.Bytes ?? 0), 1, 20_000 + (4 * 100 * 1_200));
        Assert.True(batch.TakeDropped() >= sent - 50);
        Assert.Equal(0, batch.Dropped);
        foreach (var token in tokens)
            batch.Remove(token);
        Assert.True(batch.IsEmpty);

        // Room again, so details again.
        Count(counters, tokenId: 1, module: "MD-0001", path: "/again");
        counters.TakeInto(batch);
        Assert.Equal((1, 0L), (batch.Tokens.Single().Recent!.Count, batch.Dropped));
    }

    [Fact]
    public void Count_WhileNobodyTakesThemAway_HoldsABoundedNumberOfBytes()
    {
        var (counters, batch) = (new RequestCounters(), new CountBatch { MostRecentBytes = long.MaxValue });
        var path = "/" + new string('x', 10_000);
        for (var i = 0; i < 60_000; i++)
            Count(counters, tokenId: 1 + i % 1_000, module: "MD-0002", path);
        counters.TakeInto(batch);

        Assert.InRange(batch.Tokens.Sum(token => token.Recent?.Bytes ?? 0), 1, Math.Max(2, Environment.ProcessorCount) * (RequestCounters.MostRecentBytes + 10_000L));
        Assert.Equal(60_000, batch.Requests);
        Assert.True(batch.Dropped > 0);
    }

    [Fact]
    public async Task Flush_StoredRequestsOfATokenAreDamaged_AreReplacedAndHoldUpNobody()
    {
        var log = new LogRecorder();
        await using var portal = await TestPortal.CreateAsync(services: services => services.AddLogging(logging => logging.AddProvider(log)));
        var handle = (await portal.CreateAsync(name: "First")).Handle;
        await portal.CreateAsync(name: "Second");
        var (counters, writer) = (portal.Services.GetRequiredService<RequestCounters>(), portal.Services.GetRequiredService<CountWriter>());
        await portal.ExecuteAsync("INSERT INTO RecentRequests (TokenId, LastOn, Entries) VALUES (1, '2030-01-15', X'0105FFFFFFFFFFFFFFFF00')");
        Assert.Empty(await portal.Services.GetRequiredService<StatisticsReader>().ReadRecentAsync(portal.Viewer, handle, TestContext.Current.CancellationToken));

        Count(counters, 1, "MD-0002", "/first");
        Count(counters, 2, "MD-0002", "/second");
        Assert.True(await writer.FlushAsync(TestContext.Current.CancellationToken));

        await using var context = await portal.OpenAsync();
        Assert.Equal(2, await context.DailyCounts.CountAsync(TestContext.Current.CancellationToken));
        var recent = await portal.Services.GetRequiredService<StatisticsReader>().ReadRecentAsync(portal.Viewer, handle, TestContext.Current.CancellationToken);
        Assert.Equal("/first", Assert.Single(recent).Path);
        Assert.Contains("Error: The stored recent requests of the token with ID 1 could not be read and were replaced", log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Flush_DatabaseRefusesOneToken_TheOthersAreWrittenAndItIsGivenUpInTheEnd()
    {
        var log = new LogRecorder();
        await using var portal = await TestPortal.CreateAsync(services: services => services.AddLogging(logging => logging.AddProvider(log)));
        foreach (var name in (string[])["First", "Second", "Third"])
            await portal.CreateAsync(name: name);
        var (counters, writer) = (portal.Services.GetRequiredService<RequestCounters>(), portal.Services.GetRequiredService<CountWriter>());
        await portal.ExecuteAsync(RefusingTrigger.On("DailyCounts", condition: "NEW.TokenId = 2"));

        Count(counters, 2, "MD-0002", "/poison");
        for (var i = 0; i < CountWriter.MostAttempts; i++)
        {
            Count(counters, 1, "MD-0002", "/fine");
            Count(counters, 3, "MD-0002", "/fine");
            Assert.False(await writer.FlushAsync(TestContext.Current.CancellationToken));
            Assert.False(writer.IsFailing);
        }

        Assert.Contains("Error: The statistics of the token with ID 2 could not be written; those of other tokens were", log.Text, StringComparison.Ordinal);
        Assert.Contains("Error: The counts of 1 requests of the token with ID 2 could not be written and were discarded", log.Text, StringComparison.Ordinal);
        Assert.True(await writer.FlushAsync(TestContext.Current.CancellationToken));
        await using var context = await portal.OpenAsync();
        Assert.Equal(
            [(1L, (long)CountWriter.MostAttempts), (3L, CountWriter.MostAttempts)],
            (await context.DailyCounts.OrderBy(count => count.TokenId).ToListAsync(TestContext.Current.CancellationToken)).Select(count => (count.TokenId, count.Count)));
    }

    [Fact]
    public async Task Flush_DetailsWereLeftOut_IsToldInTheLogAndToThePage()
    {
        var log = new LogRecorder();
        await using var portal = await TestPortal.CreateAsync(services: services => services.AddLogging(logging => logging.AddProvider(log)));
        await portal.CreateAsync();
        var (counters, writer) = (portal.Services.GetRequiredService<RequestCounters>(), portal.Services.GetRequiredService<CountWriter>());
        var reader = portal.Services.GetRequiredService<StatisticsReader>();
        await portal.ExecuteAsync(RefusingTrigger.On("DailyCounts"));
        Count(counters, 1, "MD-0002", "/first");
        Assert.False(await writer.FlushAsync(TestContext.Current.CancellationToken));
        Assert.Equal((true, 0L), (reader.AreBehind, reader.CountedWithoutDetails));

        var path = "/" + new string('x', 10_000);
        for (var i = 0; i < 60_000; i++)
            Count(counters, tokenId: 1 + i % 1_000, "MD-0002", path);
        Assert.False(await writer.FlushAsync(TestContext.Current.CancellationToken));

        Assert.InRange(reader.CountedWithoutDetails, 1, 60_000);
        Assert.Contains("Warning: Too many counts are waiting for the database; some requests are now counted without details", log.Text, StringComparison.Ordinal);

        await portal.ExecuteAsync(RefusingTrigger.Off);
        await writer.FlushAsync(TestContext.Current.CancellationToken);
        Assert.Contains($"{reader.CountedWithoutDetails} requests were counted without details", log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadRecent_WhileAWriteWaitsForTheDatabase_DoesNotWaitForIt()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync()).Handle;
        var (counters, writer) = (portal.Services.GetRequiredService<RequestCounters>(), portal.Services.GetRequiredService<CountWriter>());
        Task flush;
        await using (await OtherProgram.LockAsync(portal.Directory))
        {
            Count(counters, 1, "MD-0002", "/taken");
            flush = Task.Run(() => writer.FlushAsync(TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
            while (counters.Waiting > 0)
                await Task.Yield();
            Count(counters, 1, "MD-0002", "/since", At.AddSeconds(1));

            var recent = await portal.Services.GetRequiredService<StatisticsReader>()
                .ReadRecentAsync(portal.Viewer, handle, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

            Assert.Equal(["/since", "/taken"], recent.Select(request => request.Path));
            Assert.NotNull(await portal.Services.GetRequiredService<StatisticsReader>()
                .ReadAsync(portal.Viewer, handle, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
            Assert.False(flush.IsCompleted);
        }

        await flush;
    }

    private static void Count(RequestCounters counters, long tokenId, string module, string path, DateTime? at = null) => counters.Count(
        new CountKey(tokenId, DateOnly.FromDateTime(At), module, 200, ""), new Use(1, at ?? At, IPAddress.Loopback, module),
        served: new ServedRequest("GET", path, TimeSpan.Zero));
}
