using Microsoft.EntityFrameworkCore;
using Portal.Data;

namespace Portal.Statistics;

/// <summary>Takes the counts to the database several times a second, and once more when Portal stops.</summary>
/// <remarks>The one writer of statistics. It writes in short transactions and lets the database go between them, so that a
/// change made by a person never waits for all of a thousand tokens. When the database refuses, what is not written yet stays
/// in memory and is tried again.</remarks>
public sealed partial class CountWriter(
    RequestCounters counters, IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, FlushMetrics metrics, TimeProvider clock, ILogger<CountWriter> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>Of so many tokens in one transaction.</summary>
    internal const int TokensAtOnce = 100;

    /// <summary>Of so many tokens the last requests are written each time; those of the others wait their turn.</summary>
    private const int RecentAtOnce = 200;

    /// <summary>For so many times as long as it wrote, it rests.</summary>
    private const int RestAfterWork = 2;

    /// <summary>So that the counts of a million tokens are not old for minutes.</summary>
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(5);

    /// <summary>How long a stop tries to write what is left.</summary>
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(5);

    // Never disposed: without a wait handle there is nothing to free, and a flush may still run while the host lets go.
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly CountBatch _batch = new();
    private readonly SeenAddressLog _addresses = new();
    private volatile bool _failing;
    private bool _orphansSuspected;

    /// <summary>Whether the database refused the last time; the counts wait in memory.</summary>
    public bool IsFailing => _failing;

    /// <summary>Writes all that was counted so far; what the database refuses is kept for the next time.</summary>
    /// <returns>Whether the database took it.</returns>
    public Task<bool> FlushAsync(CancellationToken cancellation = default) => FlushAsync(int.MaxValue, cancellation);

    /// <param name="recent">Of how many tokens the last requests are written; those of others wait.</param>
    private async Task<bool> FlushAsync(int recent, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        var began = 0L;
        try
        {
            counters.TakeInto(_batch);
            began = metrics.Begin(_batch);
            if (_batch.IsEmpty)
                return true;
            if (_orphansSuspected)
                await LeaveOutOrphansAsync(cancellation);
            await WriteAsync(recent, cancellation);
            metrics.End(began, written: true, _batch.Requests);
            if (_failing)
                LogRecovered();
            (_failing, _orphansSuspected) = (false, false);
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            metrics.End(began, written: false, _batch.Requests);
            // Told once, not four times a second.
            if (!_failing)
                LogFailed(exception);
            (_failing, _orphansSuspected) = (true, DatabaseErrors.IsOrphan(exception));
            return false;
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>The last requests of a token that are not in the database yet, newest first.</summary>
    internal async Task<IReadOnlyList<RecentRequest>> WaitingRequestsAsync(long tokenId, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            return _batch.Tokens.FirstOrDefault(token => token.TokenId == tokenId)?.Recent is { } ring ? [.. ring.Read()] : [];
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Writes the rest after the last request was served, whatever is left of the time to stop: the host's time
    /// may have gone to requests that took long to end.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        var since = clock.GetTimestamp();
        while (!await FlushAsync(CancellationToken.None))
        {
            if (clock.GetElapsedTime(since) >= LastPatience)
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
                var written = await FlushAsync(RecentAtOnce, stoppingToken);
                if (RestAfter(clock.GetElapsedTime(began), written) is var rest && rest > TimeSpan.Zero)
                    await Task.Delay(rest, clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping; StopAsync writes the rest.
        }
    }

    /// <summary>Where very many tokens are in use, requests and screens still get most of the machine and of the database: what waits
    /// meanwhile is written as one. What was refused took long for no work of its own, as at a database that another program holds,
    /// and is soon tried again.</summary>
    internal static TimeSpan RestAfter(TimeSpan took, bool written)
    {
        var rest = took * RestAfterWork;
        return !written || rest <= Interval ? TimeSpan.Zero : rest < LongestRest ? rest : LongestRest;
    }

    private async Task WriteAsync(int recent, CancellationToken cancellation)
    {
        foreach (var part in _batch.Tokens.ToArray().Chunk(TokensAtOnce))
        {
            var withRecent = part.Where(token => token.Recent is not null && recent-- > 0).ToHashSet();
            await writes.RunUpkeepAsync(token => WriteAsync(part, withRecent, token), cancellation);
            foreach (var token in part)
            {
                _addresses.Remember(token.Seen);
                if (token.Recent is null || withRecent.Contains(token))
                    _batch.Remove(token);
                else
                    _batch.RemoveAllButRecent(token);
            }
        }
    }

    private async Task WriteAsync(TokenCounts[] part, HashSet<TokenCounts> withRecent, CancellationToken cancellation)
    {
        await using var store = await CountStore.BeginAsync(await contexts.CreateDbContextAsync(cancellation), cancellation);
        var writing = new CountPart(store, _addresses);
        foreach (var token in part)
            writing.Write(token, withRecent.Contains(token));
        await store.CommitAsync();
    }

    /// <summary>Counts of tokens that do not exist (a database exchanged under a running Portal) must not hold up all the
    /// others for ever.</summary>
    private async Task LeaveOutOrphansAsync(CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        LogOrphans(_batch.RemoveAllBut(await CountStore.ExistingTokensAsync(context, [.. _batch.Tokens.Select(token => token.TokenId)], cancellation)));
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Statistics cannot be written; counts are kept in memory and tried again")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Statistics are written again, with all that was counted since")]
    private partial void LogRecovered();

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} requests were counted for tokens that the database does not have; they are left out")]
    private partial void LogOrphans(long count);

    [LoggerMessage(Level = LogLevel.Error, Message = "Portal stops, and the database still refuses {Count} counted requests: they are lost")]
    private partial void LogLost(long count);
}
