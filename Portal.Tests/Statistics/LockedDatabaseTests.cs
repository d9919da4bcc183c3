using System.Diagnostics;
using System.Globalization;
using System.Net;
using Microsoft.Data.Sqlite;
using Portal.Tests.Support;

namespace Portal.Tests.Statistics;

/// <summary>Another program locks the database: requests continue, and every one of them is counted in the end.</summary>
[Slow]
public sealed class LockedDatabaseTests
{
    /// <summary>Longer in manual runs; the result doesn't depend on it.</summary>
    private static readonly TimeSpan Lock = TimeSpan.FromSeconds(
        int.Parse(Environment.GetEnvironmentVariable("PORTAL_LOCK_SECONDS") ?? "2", CultureInfo.InvariantCulture));

    [Fact]
    public async Task Lock_WhileClientsCall_FailsNoRequestAndLosesNoCount()
    {
        using var folder = new TemporaryDirectory();
        var key = await StoredData.WithTokenAsync(folder.Path);
        await using var portal = await PortalProcess.StartAsync(folder.Path);
        await using var callers = new Callers(portal.Address, key, count: 4);
        callers.Start();
        await callers.ReceivedAsync(100);

        await using (var other = new SqliteConnection($"Data Source={Path.Combine(folder.Path, "portal.db")};Pooling=False"))
        {
            await other.OpenAsync(TestContext.Current.CancellationToken);
            await using var transaction = other.BeginTransaction(deferred: false);
            var counted = await StoredData.CountAsync(folder.Path);
            var since = Stopwatch.GetTimestamp();
            do
                await callers.ReceivedAsync(500);
            while (Stopwatch.GetElapsedTime(since) < Lock);
            Assert.Equal(counted, await StoredData.CountAsync(folder.Path));
        }

        await callers.StopAsync();
        Assert.Equal([HttpStatusCode.OK], callers.Answers.Keys);
        Assert.Equal(callers.Sent, callers.Answers[HttpStatusCode.OK]);
        await StoredData.CountedAsync(folder.Path, callers.Sent);
        Assert.Equal(callers.Sent, await StoredData.CountAsync(folder.Path));
        TestContext.Current.TestOutputHelper?.WriteLine($"{callers.Sent} requests, {Lock.TotalSeconds} s of lock");
    }
}
