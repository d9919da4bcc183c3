using Microsoft.EntityFrameworkCore;
using Portal.Data;

namespace Portal.Statistics;

/// <summary>Writes the counts to the database several times a second, and once more when Portal stops.</summary>
/// <remarks>The only writer of statistics. It writes in short transactions with pauses, so that a person's change never waits for all of a thousand
/// tokens. If the database refuses, unwritten counts stay in memory and are tried again.</remarks>
public sealed partial class CountWriter(
    RequestCounters counters, IOngoingUses ongoing, IUncountedRequests uncounted, IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, AddressNews news, FlushMetrics metrics, MonotonicClock clock, ILogger<CountWriter> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>The number of tokens in one transaction.</summary>
    internal const int TokensAtOnce = 100;

    /// <summary>The same while a long flush competes with requests, which then wait for it only shortly.</summary>
    internal const int TokensAtOnceWhileBusy = 20;

    /// <summary>The number of tokens whose recent requests are written in one flush. The others wait for the next one.</summary>
    internal const int RecentAtOnce = 200;

    /// <summary>The pause after a flush, as a multiple of its duration.</summary>
    private const int RestAfterWork = 2;

    /// <summary>The longest pause, so that the counts of a million tokens aren't minutes old.</summary>
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(5);

    /// <summary>The longest time that a stop tries to write the rest.</summary>
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(5);

    /// <summary>The interval at which long requests mark their keys as used.</summary>
    private static readonly TimeSpan BetweenMarks = TimeSpan.FromSeconds(5);

    /// <summary>The interval at which memory that is kept for many tokens is released.</summary>
    private static readonly TimeSpan BetweenTrims = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan LongRequest = TimeSpan.FromSeconds(1);

    /// <summary>The maximum number of tokens in a flush that may fail for reasons of their own. More failures indicate another cause.</summary>
    private const int MostRefused = 20;

    /// <summary>The number of failures after which the counts of a token are discarded, if those of other tokens can be written.</summary>
    internal const int MostAttempts = 20;

    // Never disposed: without a wait handle there is nothing to free, and a flush may still run during the host's shutdown.
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly CountBatch _batch = new();

    /// <summary>Protects the batch from changes while it is read. It is never held during database access.</summary>
    private readonly Lock _changing = new();
    private readonly SeenAddressWriter _addresses = new();
    private readonly FlushPace _pace = new(clock, () => Environment.CpuUsage.TotalTime, Environment.ProcessorCount);
    private volatile bool _failing;
    private long _withoutDetails, _markedAt, _trimmedAt, _takenAt, _lastWithRecent;
    private TimeSpan _paused;
    private bool _orphansSuspected, _damageTold;

    /// <summary>Whether the database refused the last time. The counts are kept in memory.</summary>
    public bool IsFailing => _failing;

    /// <summary>The number of requests that were counted without their details because too many were waiting, since the database last began to
    /// refuse.</summary>
    public long CountedWithoutDetails => Interlocked.Read(ref _withoutDetails);

    /// <summary>Writes all counts so far. Counts that the database refuses are kept for the next time.</summary>
    /// <returns>Whether the database accepted them.</returns>
    public Task<bool> FlushAsync(CancellationToken cancellation = default) => FlushAsync(int.MaxValue, paced: false, cancellation);

    /// <param name="recent">The maximum number of tokens whose recent requests are written; those of others wait.</param>
    /// <param name="paced">Whether to pause while there is much to write, so that requests keep the processors.</param>
    private async Task<bool> FlushAsync(int recent, bool paced, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        var began = 0L;
        try
        {
            var counted = await uncounted.CountAsync(cancellation);
            await TakeAsync();
            began = metrics.Begin(_batch);
            if (_batch.IsEmpty)
                return counted;
            if (_orphansSuspected)
                await LeaveOutOrphansAsync(cancellation);
            var refused = await WriteAsync(recent, paced, cancellation);
            Conclude(began, refused, failing: false);
            return refused is null && counted;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            Conclude(began, exception, failing: true);
            return false;
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>The recent requests of a token that aren't in the database yet, newest first. Doesn't wait for a write.</summary>
    internal IReadOnlyList<RecentRequest> WaitingRequests(long tokenId)
    {
        lock (_changing)
            return [.. counters.Recent(tokenId), .. _batch.Find(tokenId)?.Recent?.Read() ?? []];
    }

    /// <summary>Takes the counts so far.</summary>
    private Task TakeAsync() => ApartIfLongAsync(Take, counters.WaitingTokens);

    /// <summary>Runs work on a thread of its own if there are many tokens. On a thread of the pool, of which there are only as many as processors, half
    /// of all connections would wait for it.</summary>
    private static Task ApartIfLongAsync(Action work, int tokens)
    {
        if (tokens > TokensAtOnce)
            return Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        work();
        return Task.CompletedTask;
    }

    private void Take()
    {
        long dropped;
        _takenAt = clock.GetTimestamp();
        lock (_changing)
        {
            counters.TakeInto(_batch);
            if (_markedAt == 0 || clock.GetElapsedTime(_markedAt) >= BetweenMarks)
            {
                MarkOngoing();
                _markedAt = clock.GetTimestamp();
            }

            if (clock.GetElapsedTime(_trimmedAt) >= BetweenTrims)
            {
                counters.Trim();
                _trimmedAt = clock.GetTimestamp();
            }

            dropped = _batch.TakeDropped();
        }

        if (dropped == 0)
            return;
        metrics.Dropped(dropped);
        if (Interlocked.Add(ref _withoutDetails, dropped) == dropped)
            LogDropping();
    }

    /// <summary>Marks the keys of long requests as used. Shorter requests do this when they end.</summary>
    private void MarkOngoing()
    {
        var now = clock.GetUtcNow().UtcDateTime;
        foreach (var (tokenId, use) in ongoing.Find(now - LongRequest, clock.ToStorableTime(now)))
            _batch.Mark(tokenId, use);
    }

    /// <param name="failure">The failure of the flush or of a token; null if everything is written.</param>
    /// <param name="failing">Whether the database accepted nothing.</param>
    private void Conclude(long began, Exception? failure, bool failing)
    {
        metrics.End(began, written: failure is null, _batch.Requests);
        _orphansSuspected = failure is not null && DatabaseErrors.IsOrphan(failure);
        // Logged once, not four times a second.
        if (failing && !_failing)
        {
            LogFailed(failure!);
            Interlocked.Exchange(ref _withoutDetails, 0);
        }
        else if (!failing && _failing)
            LogRecovered(CountedWithoutDetails);
        _failing = failing;
    }

    /// <summary>Writes the rest after the last request was served, even if the host's shutdown timeout has elapsed: it may have been spent on long
    /// requests.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        var since = clock.GetTimestamp();
        while (!await FlushAsync(CancellationToken.None))
        {
            if (writes.IsPatienceOver || clock.GetElapsedTime(since) >= LastPatience)
            {
                LogLost(_batch.Requests);
                return;
            }

            await Task.Delay(Interval, clock, CancellationToken.None);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                var began = clock.GetTimestamp();
                _paused = TimeSpan.Zero;
                var written = await FlushAsync(RecentAtOnce, paced: true, stoppingToken);
                if (RestAfter(clock.GetElapsedTime(began) - _paused, written) is var rest && rest > TimeSpan.Zero)
                    await Task.Delay(rest, clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping; StopAsync writes the rest.
        }
    }

    /// <summary>Calculates the pause after a flush. If very many tokens are in use, requests and pages still get most of the machine and of the
    /// database, and counts that arrive during the pause are written together. A refused flush may take long only because another program locks the
    /// database, so it is retried soon.</summary>
    internal static TimeSpan RestAfter(TimeSpan took, bool written)
    {
        var rest = took * RestAfterWork;
        return !written || rest <= Interval ? TimeSpan.Zero : rest < LongestRest ? rest : LongestRest;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Statistics could not be written; Portal keeps the counts in memory and retries")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Statistics are written again, including the counts since the failure; {Count} requests were counted without details")]
    private partial void LogRecovered(long count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Too many counts are waiting for the database; some requests are now counted without details")]
    private partial void LogDropping();

    [LoggerMessage(Level = LogLevel.Error, Message = "The statistics of the token with ID {TokenId} could not be written; those of other tokens were")]
    private partial void LogSetAside(Exception exception, long tokenId);

    [LoggerMessage(Level = LogLevel.Error, Message = "The counts of {Count} requests of the token with ID {TokenId} could not be written and were discarded")]
    private partial void LogGivenUp(long count, long tokenId);

    [LoggerMessage(Level = LogLevel.Error, Message = "The stored recent requests of the token with ID {TokenId} could not be read and were replaced by the latest ones; further tokens with this problem are not logged")]
    private partial void LogDamaged(long tokenId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} requests were counted for tokens that are not in the database; these counts were discarded")]
    private partial void LogOrphans(long count);

    [LoggerMessage(Level = LogLevel.Error, Message = "Portal is stopping and could not write the counts of {Count} requests; they are lost")]
    private partial void LogLost(long count);
}
