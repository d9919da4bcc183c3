using Microsoft.Data.Sqlite;

namespace Portal.Data.Sqlite;

/// <summary>Cuts the write-ahead log (<c>portal.db-wal</c>) when it has grown.</summary>
/// <remarks>While a program reads for long, as a backup does, everything that is written stays in the log. SQLite starts to use it from
/// the front again afterwards, but by itself never makes the file smaller.</remarks>
public sealed partial class WriteAheadLog(DataDirectory directory, WriteQueue writes, TimeProvider clock, ILogger<WriteAheadLog> logger) : BackgroundService
{
    /// <summary>Bytes that the file may keep.</summary>
    internal const long MostKept = 64 * 1024 * 1024;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private string LogFile => directory.Database + "-wal";

    /// <summary>Empties the log and cuts the file, unless it is small or somebody still reads from it.</summary>
    /// <returns>Whether the file was cut.</returns>
    internal async Task<bool> TrimAsync(long mostKept = MostKept, CancellationToken cancellation = default)
    {
        if (new FileInfo(LogFile) is not { Exists: true, Length: var length } || length <= mostKept)
            return false;
        // Copies what it can into the database beside readers and writers, on a thread of its own because it may take seconds; what
        // is left to do while nobody may write is then little.
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

    /// <returns>Whether all of it was done: nobody reads.</returns>
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
