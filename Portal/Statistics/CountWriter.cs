using Microsoft.EntityFrameworkCore;
using Portal.Data;

namespace Portal.Statistics;

/// <summary>Takes the counts to the database several times a second, and once more when Portal stops.</summary>
/// <remarks>The one writer of statistics. When the database refuses, the counts stay in memory and are tried again.</remarks>
public sealed partial class CountWriter(
    RequestCounters counters, IDbContextFactory<PortalDbContext> contexts, FlushMetrics metrics, TimeProvider clock, ILogger<CountWriter> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

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

    /// <summary>Writes what was counted so far; what the database refuses is kept for the next time.</summary>
    /// <returns>Whether everything is written.</returns>
    public async Task<bool> FlushAsync(CancellationToken cancellation = default)
    {
        await _writing.WaitAsync(cancellation);
        var began = 0L;
        try
        {
            counters.TakeInto(_batch);
            began = metrics.Begin(_batch);
            if (_batch.IsEmpty)
                return true;
            await WriteAsync(cancellation);
            _addresses.Remember(_batch.Seen);
            _batch.Clear();
            metrics.End(began, written: true);
            if (_failing)
                LogRecovered();
            (_failing, _orphansSuspected) = (false, false);
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            metrics.End(began, written: false);
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
                LogLost(_batch.Counts.Values.Sum());
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
                await FlushAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping; StopAsync writes the rest.
        }
    }

    private async Task WriteAsync(CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
        if (_orphansSuspected)
            await LeaveOutOrphansAsync(context, cancellation);
        foreach (var (key, count) in _batch.Counts)
            await CountStore.AddAsync(
                context,
                new DailyCount
                {
                    TokenId = key.TokenId, Day = key.Day, ModuleId = key.ModuleId, StatusCode = key.StatusCode, Reason = key.Reason, Count = count,
                },
                cancellation);
        foreach (var module in _batch.Uses.Where(entry => entry.Key.ModuleId.Length > 0).GroupBy(entry => (entry.Key.TokenId, entry.Key.ModuleId)))
            await CountStore.MarkModuleUsedAsync(context, module.Key.TokenId, module.Key.ModuleId, module.Max(entry => entry.Value.At), cancellation);
        foreach (var token in _batch.Uses.GroupBy(entry => entry.Key.TokenId))
            await MarkUsedAsync(context, token.Key, [.. token.Select(entry => entry.Value)], cancellation);
        await _addresses.WriteAsync(context, _batch.Seen, cancellation);
        // Not cancelled half-way: counts that are written but still kept would be counted twice.
        await transaction.CommitAsync(CancellationToken.None);
    }

    private static async Task MarkUsedAsync(PortalDbContext context, long tokenId, List<Use> uses, CancellationToken cancellation)
    {
        var last = uses.MaxBy(use => use.At);
        var address = AddressNumber.Write(last.Address);
        await context.Tokens.Where(token => token.Id == tokenId).ExecuteUpdateAsync(
            token => token
                .SetProperty(it => it.LastUsedAt, last.At)
                .SetProperty(it => it.LastUsedAddress, address)
                .SetProperty(it => it.LastUsedModuleId, last.ModuleId.Length == 0 ? null : last.ModuleId),
            cancellation);
        foreach (var secret in uses.GroupBy(use => use.SecretId))
        {
            var (id, at) = (secret.Key, secret.Max(use => use.At));
            await context.TokenSecrets.Where(it => it.Id == id).ExecuteUpdateAsync(it => it.SetProperty(row => row.LastUsedAt, at), cancellation);
        }
    }

    /// <summary>Counts of tokens that do not exist (a database exchanged under a running Portal) must not hold up all the
    /// others for ever.</summary>
    private async Task LeaveOutOrphansAsync(PortalDbContext context, CancellationToken cancellation)
    {
        var ids = _batch.Counts.Keys.Select(key => key.TokenId).Distinct().ToArray();
        var existing = await context.Tokens.Where(token => ids.Contains(token.Id)).Select(token => token.Id).ToListAsync(cancellation);
        LogOrphans(_batch.RemoveAllBut([.. existing]));
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
