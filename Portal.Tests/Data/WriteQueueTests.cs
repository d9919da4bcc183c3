using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Portal.Data;
using Portal.Tests.Support;

namespace Portal.Tests.Data;

public sealed class WriteQueueTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly WriteQueue _queue;

    public WriteQueueTests() => _queue = new WriteQueue(Options.Create(new WriteQueueOptions { Clock = _clock, MostWaiting = 50 }));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _queue.Dispose();

    [Fact]
    public async Task Run_Several_RunInOrderOneByOneOnAThreadOfTheirOwn()
    {
        var (order, inside) = (new List<int>(), 0);
        var writes = Enumerable.Range(0, 30).Select(i => _queue.RunAsync(_ =>
        {
            Assert.Equal(1, Interlocked.Increment(ref inside));
            order.Add(i);
            Interlocked.Decrement(ref inside);
            return Task.FromResult((Thread.CurrentThread.IsThreadPoolThread, Environment.CurrentManagedThreadId));
        }, Cancellation)).ToList();

        var threads = await Task.WhenAll(writes);

        Assert.Equal(Enumerable.Range(0, 30), order);
        Assert.Single(threads.Distinct());
        Assert.False(threads[0].IsThreadPoolThread);
    }

    [Fact]
    public async Task Run_ChangesAndUpkeep_ChangesGoFirstButDoNotStarveTheOther()
    {
        using var block = new Block(_queue);
        var order = new List<string>();
        var upkeep = Enumerable.Range(0, 2).Select(_ => _queue.RunUpkeepAsync(_ => Note("upkeep"), Cancellation)).ToList();
        var changes = Enumerable.Range(0, 20).Select(_ => _queue.RunAsync(_ => Note("change"), Cancellation)).ToList();
        block.End();
        await Task.WhenAll([.. upkeep, .. changes]);

        // The write that blocked counts as the first change.
        Assert.Equal(WriteQueue.ChangesBeforeUpkeep - 1, order.IndexOf("upkeep"));
        Assert.Equal("upkeep", order[^1]);

        Task Note(string kind)
        {
            order.Add(kind);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task Run_WithinAWrite_IsPartOfIt()
    {
        Assert.False(_queue.IsCurrent);
        Assert.Equal(3, await _queue.RunAsync(async _ =>
        {
            Assert.True(_queue.IsCurrent);
            return 1 + await _queue.RunAsync(_ => Task.FromResult(2), Cancellation);
        }, Cancellation));
        Assert.False(_queue.IsCurrent);
    }

    [Fact]
    public async Task Run_LeftBehindByAWrite_IsNotPartOfItAnyMore()
    {
        var (ended, left) = (new TaskCompletionSource(), Task.FromResult(true));
        await _queue.RunAsync(_ =>
        {
            left = Task.Run(async () =>
            {
                await ended.Task;
                return _queue.IsCurrent;
            }, Cancellation);
            return Task.CompletedTask;
        }, Cancellation);
        ended.SetResult();
        Assert.False(await left);
    }

    [Fact]
    public async Task Run_Fails_FailsForItsCallerAlone()
    {
        var failing = _queue.RunAsync<int>(_ => throw new InvalidOperationException("mine"), Cancellation);
        var fine = _queue.RunAsync(_ => Task.FromResult(1), Cancellation);

        Assert.Equal("mine", (await Assert.ThrowsAsync<InvalidOperationException>(() => failing)).Message);
        Assert.Equal(1, await fine);
        Assert.Null(_queue.Fault);
    }

    [Fact]
    public async Task Run_WaitsTooLong_IsBusyAndNeverRuns()
    {
        using var block = new Block(_queue);
        var ran = false;
        var late = _queue.RunAsync(_ => Task.FromResult(ran = true), Cancellation);
        _clock.Advance(TimeSpan.FromSeconds(19));
        Assert.False(late.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.False((await Assert.ThrowsAsync<DatabaseBusyException>(() => late)).IsHeld);
        Assert.Equal(0, _queue.Waiting);
        block.End();
        Assert.Equal(1, await _queue.RunAsync(_ => Task.FromResult(1), Cancellation));
        Assert.False(ran);
    }

    [Fact]
    public async Task Run_CallerLeaves_IsTakenOut()
    {
        using var block = new Block(_queue);
        using var leaving = new CancellationTokenSource();
        var ran = false;
        var write = _queue.RunAsync(_ => Task.FromResult(ran = true), leaving.Token);
        Assert.Equal(1, _queue.Waiting);
        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);
        Assert.Equal(0, _queue.Waiting);
        block.End();
        await _queue.RunAsync(_ => Task.CompletedTask, Cancellation);
        Assert.False(ran);
    }

    [Fact]
    public async Task Run_TooManyWait_IsBusyAtOnce()
    {
        using var block = new Block(_queue);
        var waiting = Enumerable.Range(0, 50).Select(_ => _queue.RunAsync(_ => Task.CompletedTask, Cancellation)).ToList();

        await Assert.ThrowsAsync<DatabaseBusyException>(() => _queue.RunAsync(_ => Task.CompletedTask, Cancellation));
        // Statistics have their own queue.
        waiting.Add(_queue.RunUpkeepAsync(_ => Task.CompletedTask, Cancellation));
        block.End();
        await Task.WhenAll(waiting);
    }

    [Fact]
    public async Task Dispose_WhileWritesWait_FailsThem()
    {
        var block = new Block(_queue);
        var waiting = _queue.RunAsync(_ => Task.CompletedTask, Cancellation);
        var disposing = Task.Run(_queue.Dispose, Cancellation);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        block.Dispose();
        await disposing;
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _queue.RunAsync(_ => Task.CompletedTask, Cancellation));
    }

    [Fact]
    public async Task Portal_EveryWayToWriteOutsideTheQueue_TakesItsTurnOrIsRefused()
    {
        await using var portal = await TestPortal.CreateAsync();
        var queue = portal.Services.GetRequiredService<WriteQueue>();
        await using var context = await portal.OpenAsync();
        using (var block = new Block(queue))
        {
            // These wait for their turn.
            var account = context.Accounts.First();
            account.Name = "Renamed";
            var save = context.SaveChangesAsync(Cancellation);
            await using var second = await portal.OpenAsync();
            var update = second.Accounts.ExecuteUpdateAsync(set => set.SetProperty(row => row.CreatedAt, DateTime.UnixEpoch), Cancellation);
            await using var third = await portal.OpenAsync();
            var statement = third.Database.ExecuteSqlRawAsync(TestDatabase.Translate("DELETE FROM IpRules"), Cancellation);
            await using var fourth = await portal.OpenAsync();
            var delete = fourth.IpRules.ExecuteDeleteAsync(Cancellation);
            while (queue.Waiting < 4)
                await Task.Yield();
            block.End();
            await Task.WhenAll(save, update, statement, delete);
        }

        // These are refused.
        await Assert.ThrowsAsync<InvalidOperationException>(() => context.Database.BeginTransactionAsync(Cancellation));
        Assert.Throws<InvalidOperationException>(() => context.Database.BeginTransaction());
        context.Accounts.First().Name = "Renamed again";
        Assert.Throws<NotSupportedException>(() => context.SaveChanges());
        await using var fresh = await portal.OpenAsync();
        Assert.Contains("Renamed", await fresh.Accounts.Select(row => row.Name).ToListAsync(Cancellation));
    }

    /// <summary>SQLite itself refuses what doesn't go through EF Core.</summary>
    [SqliteOnly]
    [Fact]
    public async Task Portal_CommandOutsideTheQueue_CannotWrite()
    {
        await using var portal = await TestPortal.CreateAsync();
        await using var context = await portal.OpenAsync();
        await context.Database.OpenConnectionAsync(Cancellation);
        await using var command = context.Database.GetDbConnection().CreateCommand();
        foreach (var sql in (string[])["UPDATE Accounts SET Name = 'x'", "BEGIN IMMEDIATE", "CREATE TABLE x (y)", "INSERT INTO Accounts SELECT * FROM Accounts"])
        {
            command.CommandText = sql;
            Assert.Equal(8, Assert.Throws<SqliteException>(() => command.ExecuteNonQuery()).SqliteErrorCode);
        }
    }

    /// <summary>All writes during a stop share one time limit, which is used up from the beginning here.</summary>
    [SqliteOnly]
    [Fact]
    public async Task Portal_StopsWhileAnotherProgramHoldsTheDatabase_RefusesWritesAtOnceAndWritesAgainWhenItIsFree()
    {
        await using var portal = await TestPortal.CreateAsync(services: services => services.Configure<WriteQueueOptions>(limits =>
            (limits.LongestWaitAtStop, limits.Clock) = (TimeSpan.Zero, _clock)));
        portal.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        await using var context = await portal.OpenAsync();
        context.Accounts.First().Name = "Renamed";
        // The clock doesn't advance, so a write that waits would wait forever.
        await using (await OtherProgram.LockAsync(portal.Directory))
        {
            Assert.True((await Assert.ThrowsAsync<DatabaseBusyException>(() => context.SaveChangesAsync(Cancellation))).IsHeld);
            Assert.True((await Assert.ThrowsAsync<DatabaseBusyException>(
                () => context.Accounts.ExecuteUpdateAsync(set => set.SetProperty(row => row.CreatedAt, DateTime.UnixEpoch), Cancellation))).IsHeld);
        }

        await context.SaveChangesAsync(Cancellation);
    }

    /// <summary>A write that continues until it is released.</summary>
    private sealed class Block : IDisposable
    {
        private readonly ManualResetEventSlim _ended = new();

        public Block(WriteQueue queue)
        {
            using var begun = new ManualResetEventSlim();
            _ = queue.RunAsync(_ =>
            {
                begun.Set();
                _ended.Wait(CancellationToken.None);
                return Task.CompletedTask;
            });
            begun.Wait(Cancellation);
        }

        public void End() => _ended.Set();

        public void Dispose() => End();
    }
}
