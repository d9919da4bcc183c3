using System.Net;
using Microsoft.EntityFrameworkCore;
using Portal.Tests.Support;

namespace Portal.Tests.Statistics;

/// <summary>What happens to counts when the process ends in different ways.</summary>
[Slow]
public sealed class CountsAtTheEndTests
{
    private const int Clients = 8, Requests = 400;

    [Fact]
    public async Task Stop_WhileClientsCall_LosesNoCount()
    {
        using var folder = new TemporaryDirectory();
        var key = await StoredData.WithTokenAsync(folder.Path);
        int served, sent;
        await using (var portal = await PortalProcess.StartAsync(folder.Path))
        {
            using var caller = new Caller(portal.Address, key);
            var clients = Enumerable.Range(0, Clients).Select(_ => Task.Run(caller.CallUntilRefusedAsync)).ToArray();
            await caller.ServedAsync(Requests);
            await portal.StopAsync();
            await Task.WhenAll(clients);
            (served, sent) = (caller.Served, caller.Sent);
        }

        // An aborted request may or may not be counted; a completed one must be.
        Assert.InRange(await CountAsync(folder), served, sent);
        Assert.True(served >= Requests, $"only {served} of {sent} were served");
    }

    [Fact]
    public async Task Stop_RightAfterTheLastAnswer_HasEveryCount()
    {
        using var folder = new TemporaryDirectory();
        var key = await StoredData.WithTokenAsync(folder.Path);
        await using (var portal = await PortalProcess.StartAsync(folder.Path))
        {
            using var caller = new Caller(portal.Address, key);
            for (var i = 0; i < Requests; i++)
                Assert.True(await caller.CallAsync());
            await portal.StopAsync();
        }

        Assert.Equal(Requests, await CountAsync(folder));
    }

    [Fact(Timeout = 60_000)]
    public async Task Kill_CountsThatReachedTheDatabase_AreKept()
    {
        using var folder = new TemporaryDirectory();
        var key = await StoredData.WithTokenAsync(folder.Path);
        await using (var portal = await PortalProcess.StartAsync(folder.Path))
        {
            using var caller = new Caller(portal.Address, key);
            for (var i = 0; i < Requests; i++)
                Assert.True(await caller.CallAsync());
            await using var context = StoredData.Open(folder.Path);
            long counted;
            do
                counted = await context.DailyCounts.SumAsync(count => count.Count, TestContext.Current.CancellationToken);
            while (counted < Requests);
            await portal.KillAsync();
        }

        Assert.Equal(Requests, await CountAsync(folder));
    }

    /// <summary>Service managers kill a process that takes longer to stop: Docker after ten seconds.</summary>
    [Fact]
    public async Task Stop_WhileAnotherProgramHoldsTheDatabase_EndsSoonAndTellsWhatIsLost()
    {
        using var folder = new TemporaryDirectory();
        var key = await StoredData.WithTokenAsync(folder.Path);
        await using var portal = await PortalProcess.StartAsync(folder.Path);
        await using (await OtherProgram.LockAsync(folder.Path))
        {
            using var caller = new Caller(portal.Address, key);
            for (var i = 0; i < 3; i++)
                Assert.True(await caller.CallAsync());
            await portal.StopAsync().WaitAsync(TimeSpan.FromSeconds(10));
        }

        Assert.Contains("could not write the counts of 3 requests; they are lost", portal.Output, StringComparison.Ordinal);
        Assert.Contains("The last known time could not be stored before the stop", portal.Output, StringComparison.Ordinal);
    }

    /// <summary>Returns the number of counted requests, and asserts that all were served.</summary>
    private static async Task<long> CountAsync(TemporaryDirectory folder)
    {
        await using var context = StoredData.Open(folder.Path);
        var counts = await context.DailyCounts.ToListAsync(TestContext.Current.CancellationToken);
        Assert.All(counts, count => Assert.Equal(200, count.StatusCode));
        return counts.Sum(count => count.Count);
    }

    private sealed class Caller(string address, string key) : IDisposable
    {
        private readonly HttpClient _client = new() { BaseAddress = new Uri(address), Timeout = TimeSpan.FromSeconds(30) };
        private readonly TaskCompletionSource _servedEnough = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _served, _sent, _wanted = int.MaxValue;

        public int Served => _served;
        public int Sent => _sent;

        /// <summary>False if there was no response.</summary>
        public async Task<bool> CallAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/public/v1/agreements");
            request.Headers.TryAddWithoutValidation("Authorization", key);
            Interlocked.Increment(ref _sent);
            try
            {
                using var response = await _client.SendAsync(request);
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            }
            catch (HttpRequestException)
            {
                return false;
            }

            if (Interlocked.Increment(ref _served) >= Volatile.Read(ref _wanted))
                _servedEnough.TrySetResult();
            return true;
        }

        public async Task CallUntilRefusedAsync()
        {
            while (await CallAsync())
            {
            }
        }

        public Task ServedAsync(int requests)
        {
            Volatile.Write(ref _wanted, requests);
            return _servedEnough.Task.WaitAsync(TimeSpan.FromSeconds(60));
        }

        public void Dispose() => _client.Dispose();
    }
}
