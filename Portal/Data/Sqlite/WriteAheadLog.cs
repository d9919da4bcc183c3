using Microsoft.Data.Sqlite;

namespace Portal.Data.Sqlite;

/// <summary>Truncates the write-ahead log (<c>portal.db-wal</c>) when it has grown.</summary>
/// <remarks>During a long read, such as a backup, everything that is written stays in the log. Afterwards SQLite reuses the log from the start, but
/// never makes the file smaller by itself.</remarks>
public sealed partial class WriteAheadLog(DataDirectory directory, WriteQueue writes, TimeProvider clock, ILogger<WriteAheadLog> logger) : BackgroundService
{
    /// <summary>The size in bytes that the file may keep.</summary>
    internal const long MostKept = 64 * 1024 * 1024;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private string LogFile => directory.Database + "-wal";

    /// <summary>Empties the log and truncates the file, unless it is small or someone still reads from it.</summary>
    /// <returns>Whether the file was truncated.</returns>
    internal async Task<bool> TrimAsync(long mostKept = MostKept, CancellationToken cancellation = default)
    {
        if (new FileInfo(LogFile) is not { Exists: true, Length: var length } || length <= mostKept)
            return false;
        // Copies as much as possible into the database without blocking readers and writers, so that little is left to do while writes are blocked.
        // It may take seconds, so it has its own thread.
        await Task.Factory.StartNew(() => Checkpoint("PASSIVE"), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        if (!await writes.RunUpkeepAsync(_ => Task.FromResult(Checkpoint("TRUNCATE")), cancellation))
            return false;
        LogTrimmed(length / (1024 * 1024));
        return true;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await TryAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping; closing the last connection empties the log too.
        }
    }

    private async Task TryAsync(CancellationToken stoppingToken)
    {
        try
        {
            await TrimAsync(cancellation: stoppingToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The writers report the cause.
            LogFailed(exception);
        }
    }

    /// <returns>Whether the whole log was copied, because no one reads from it.</returns>
    private bool Checkpoint(string mode)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = directory.Database, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"PRAGMA wal_checkpoint({mode})";
        using var row = command.ExecuteReader();
        return row.Read() && row.GetInt32(0) == 0;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The write-ahead log grew to {Megabytes} MB and was truncated")]
    private partial void LogTrimmed(long megabytes);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The write-ahead log could not be truncated; Portal retries")]
    private partial void LogFailed(Exception exception);
}
