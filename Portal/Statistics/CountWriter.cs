using Microsoft.EntityFrameworkCore;
using Portal.Data;

namespace Portal.Statistics;

/// <summary>Takes the counts to the database several times a second, and once more when Portal stops.</summary>
/// <remarks>The one writer of statistics. When the database refuses, the counts stay in memory and are tried again.</remarks>
public sealed partial class CountWriter(
    RequestCounters counters, IDbContextFactory<PortalDbContext> contexts, TimeProvider clock, ILogger<CountWriter> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    // Never disposed: without a wait handle there is nothing to free, and a flush may still run while the host lets go.
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly CountBatch _batch = new();
    private bool _failing;

    /// <summary>Writes what was counted so far; what the database refuses is kept for the next time.</summary>
    public async Task FlushAsync(CancellationToken cancellation = default)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            counters.TakeInto(_batch);
            if (_batch.IsEmpty)
                return;
            await WriteAsync(cancellation);
            _batch.Clear();
            if (_failing)
                LogRecovered();
            _failing = false;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            if (!_failing)
                LogFailed(exception);
            _failing = true;
        }
        finally
        {
            _writing.Release();
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        // Whatever patience the host has left: this takes milliseconds, and not doing it loses counts.
        await FlushAsync(CancellationToken.None);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await FlushAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // Stopping; StopAsync writes the rest.
        }
    }

    private async Task WriteAsync(CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
        foreach (var (key, count) in _batch.Counts)
            await CountStore.AddAsync(
                context,
                new DailyCount
                {
                    TokenId = key.TokenId, Day = key.Day, ModuleId = key.ModuleId, StatusCode = key.StatusCode, Reason = key.Reason, Count = count,
                },
                cancellation);
        foreach (var (key, use) in _batch.Uses.Where(entry => entry.Key.ModuleId.Length > 0))
            await CountStore.MarkModuleUsedAsync(context, key.TokenId, key.ModuleId, use.At, cancellation);
        foreach (var token in _batch.Uses.GroupBy(entry => entry.Key.TokenId))
            await MarkUsedAsync(context, token.Key, [.. token.Select(entry => entry.Value)], cancellation);
        await transaction.CommitAsync(cancellation);
    }

    private static async Task MarkUsedAsync(PortalDbContext context, long tokenId, List<Use> uses, CancellationToken cancellation)
    {
        var last = uses.MaxBy(use => use.At);
        var address = last.Address is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : last.Address;
        await context.Tokens.Where(token => token.Id == tokenId).ExecuteUpdateAsync(
            token => token
                .SetProperty(it => it.LastUsedAt, last.At)
                .SetProperty(it => it.LastUsedAddress, address == null ? null : address.ToString())
                .SetProperty(it => it.LastUsedModuleId, last.ModuleId.Length == 0 ? null : last.ModuleId),
            cancellation);
        foreach (var secret in uses.GroupBy(use => use.SecretId))
        {
            var (id, at) = (secret.Key, secret.Max(use => use.At));
            await context.TokenSecrets.Where(it => it.Id == id).ExecuteUpdateAsync(it => it.SetProperty(row => row.LastUsedAt, at), cancellation);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Statistics cannot be written; counts are kept in memory and tried again")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Statistics are written again; no count was lost")]
    private partial void LogRecovered();
}
