using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Data;

namespace Portal.Statistics;

/// <summary>Removes statistics that are past their retention period while Portal serves requests: soon after the start, and then every few
/// hours.</summary>
public sealed partial class StatisticsPruner(
    IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, IOptions<StatisticsOptions> options, MonotonicClock clock,
    ILogger<StatisticsPruner> logger) : BackgroundService
{
    /// <summary>The number of rows in one statement, which locks the database for a few milliseconds.</summary>
    internal const int RowsAtOnce = 500;

    /// <summary>The number of hours with hourly counts, including the current one.</summary>
    internal const int HoursKept = 48;

    private static readonly TimeSpan AfterStart = TimeSpan.FromMinutes(1), Between = TimeSpan.FromHours(6), Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Removes all statistics that are too old.</summary>
    /// <returns>The number of rows that were removed.</returns>
    public async Task<long> PruneAsync(CancellationToken cancellation = default)
    {
        var now = clock.GetTrustedUtcNow().UtcDateTime;
        var (first, firstHour) = (DateOnly.FromDateTime(now).AddDays(1 - options.Value.RetentionDays), HourlyCount.HourOf(now) + 1 - HoursKept);
        var removed = 0L;
        for (var kind = 0; kind < RetentionStore.Kinds; kind++)
        {
            var ofDays = kind;
            removed += await RemoveAllAsync((context, token) => RetentionStore.RemoveBeforeAsync(context, ofDays, first, RowsAtOnce, token), cancellation);
        }

        return removed + await RemoveAllAsync((context, token) => RetentionStore.RemoveHoursBeforeAsync(context, firstHour, RowsAtOnce, token), cancellation);
    }

    private async Task<long> RemoveAllAsync(Func<PortalDbContext, CancellationToken, Task<int>> remove, CancellationToken cancellation)
    {
        var removed = 0L;
        while (true)
        {
            var rows = await RemoveSomeAsync(remove, cancellation);
            removed += rows;
            if (rows < RowsAtOnce)
                return removed;
            // Give others their turn.
            await Task.Delay(Pause, clock, cancellation);
        }
    }

    /// <summary>Removes a few rows in a separate write, so that people's changes come before the next ones.</summary>
    private async Task<int> RemoveSomeAsync(Func<PortalDbContext, CancellationToken, Task<int>> remove, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return await writes.RunUpkeepAsync(token => remove(context, token), cancellation);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.Delay(AfterStart, clock, stoppingToken);
            while (true)
            {
                await TryAsync(stoppingToken);
                await Task.Delay(Between, clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping; the rest is removed another time.
        }
    }

    private async Task TryAsync(CancellationToken stoppingToken)
    {
        try
        {
            if (await PruneAsync(stoppingToken) is > 0 and var removed)
                LogRemoved(removed, options.Value.RetentionDays);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogFailed(exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Removed {Rows} rows of statistics that are older than {Days} days")]
    private partial void LogRemoved(long rows, int days);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old statistics could not be removed; Portal retries in a few hours")]
    private partial void LogFailed(Exception exception);
}
