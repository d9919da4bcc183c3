using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.Tests.Support;

namespace Portal.Tests.Data;

/// <summary>How health checks find out whether the database can be written.</summary>
public sealed class WriteProbeTests
{
    private const int Full = 13;

    private readonly SkewedClock _clock = new(TestPortal.Start);

    [Fact]
    public async Task FindFault_NothingFailed_TakesItsWordAndWritesNothing()
    {
        await using var portal = await StartAsync();
        // A write would wait.
        await using (await OtherProgram.LockAsync(portal.Directory))
            Assert.Null(await ProbeOf(portal).FindFaultAsync(Cancellation));
    }

    [Fact]
    public async Task FindFault_LastWriteFailed_TriesItselfAndTellsThatItIsOver()
    {
        await using var portal = await StartAsync();
        var queue = await FailAsync(portal);
        Assert.Equal(DatabaseFault.Full, queue.Fault);
        Assert.Null(await ProbeOf(portal).FindFaultAsync(Cancellation));
        Assert.Null(queue.Fault);
    }

    [Fact]
    public async Task FindFault_ItsOwnWriteFails_TellsWhy()
    {
        await using var portal = await StartAsync();
        await FailAsync(portal);
        await using (await OtherProgram.LockAsync(portal.Directory))
        {
            var asked = ProbeOf(portal).FindFaultAsync(Cancellation);
            Assert.False(asked.IsCompleted);
            _clock.Advance(TimeSpan.FromSeconds(2));
            // Depending on whether it waits for its turn or for the lock, it reports the previous failure or this one.
            Assert.Contains(await asked, (DatabaseFault?[])[DatabaseFault.Full, DatabaseFault.Held]);
        }
    }

    [Fact]
    public async Task FindFault_AskedByManyAtOnce_WritesOnceAndWaitsForTwoSeconds()
    {
        await using var portal = await StartAsync();
        var (queue, probe) = (await FailAsync(portal), ProbeOf(portal));
        var (begun, goes) = (new TaskCompletionSource(), new TaskCompletionSource());
        var blocking = queue.RunAsync(
            _ =>
            {
                begun.SetResult();
                return goes.Task;
            }, Cancellation);
        await begun.Task;
        var asked = Enumerable.Range(0, 5).Select(_ => probe.FindFaultAsync(Cancellation)).ToList();
        Assert.Equal(1, queue.Waiting);
        Assert.DoesNotContain(asked, task => task.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.All(await Task.WhenAll(asked), fault => Assert.Equal(DatabaseFault.Full, fault));

        // The write is still waiting, and a later call waits for the same one.
        var later = probe.FindFaultAsync(Cancellation);
        Assert.Equal(1, queue.Waiting);
        goes.SetResult();
        await blocking;
        Assert.Null(await later);
    }

    private Task<TestPortal> StartAsync() => TestPortal.CreateAsync(services: services => services.Configure<WriteQueueOptions>(options => options.Clock = _clock));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static WriteProbe ProbeOf(TestPortal portal) => portal.Services.GetRequiredService<WriteProbe>();

    private static async Task<WriteQueue> FailAsync(TestPortal portal)
    {
        var queue = portal.Services.GetRequiredService<WriteQueue>();
        await Assert.ThrowsAsync<SqliteException>(() => queue.RunAsync(_ => throw new SqliteException("database or disk is full", Full), Cancellation));
        // The failure is recorded after the caller gets it.
        while (queue.Fault is null)
            await Task.Yield();
        return queue;
    }
}
