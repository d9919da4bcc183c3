using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Data;

namespace Portal.Statistics;

/// <summary>Removes statistics that are past their retention period while Portal serves requests: soon after the start, and then every few
/// hours. On PostgreSQL, it also creates partitions for the next counts.</summary>
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
        await ChangePartitionsAsync(DateOnly.FromDateTime(now), first, DateOnly.FromDateTime(HourlyCount.TimeOf(firstHour)), cancellation);
        var removed = 0L;
        for (var kind = 0; kind < RetentionStore.Kinds; kind++)
        {
            var ofDays = kind;
            removed += await RemoveAllAsync((context, token) => RetentionStore.RemoveBeforeAsync(context, ofDays, first, RowsAtOnce, token), cancellation);
        }

        return removed + await RemoveAllAsync((context, token) => RetentionStore.RemoveHoursBeforeAsync(context, firstHour, RowsAtOnce, token), cancellation);
    }

    /// <summary>Creates and removes partitions, each in a separate write. What can't be done now can be done a few hours later.</summary>
    private async Task ChangePartitionsAsync(DateOnly today, DateOnly first, DateOnly firstOfHours, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        foreach (var change in await CountPartitions.FindChangesAsync(context, today, first, firstOfHours, cancellation))
            try
            {
                await writes.RunUpkeepAsync(token => CountPartitions.ApplyAsync(context, change, token), cancellation);
                if (!change.IsMissing)
                    LogRemovedPartition(change.Name);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // A lock that isn't free is no fault, and there is time enough until the partition is needed.
                if (DatabaseErrors.Find(exception) != DatabaseFault.Held)
                    LogPartitionFailed(exception, change.Name);
            }
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

    [LoggerMessage(Level = LogLevel.Information, Message = "Removed the partition {Name} of statistics, which are older than the retention period")]
    private partial void LogRemovedPartition(string name);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The partition {Name} of statistics could not be created or removed; Portal retries in a few hours")]
    private partial void LogPartitionFailed(Exception exception, string name);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old statistics could not be removed; Portal retries in a few hours")]
    private partial void LogFailed(Exception exception);
}
