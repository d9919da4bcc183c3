using System.Data.Common;
using System.Diagnostics;
using Portal.Data.Sqlite;

namespace Portal.Data;

/// <summary>Checks the database file for damage while Portal serves requests.</summary>
/// <remarks>Reads the whole file on its own thread, then pauses for a thousand times as long as that took.</remarks>
public sealed partial class IntegrityCheck(DataDirectory directory, DatabaseDamage damage, ILogger<IntegrityCheck> logger) : BackgroundService
{
    private const int RestAfterWork = 1000;

    /// <summary>The longest time that the start waits for the check. A larger database is checked after the start.</summary>
    private static readonly TimeSpan PatienceAtStart = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan ShortestRest = TimeSpan.FromMinutes(1), LongestRest = TimeSpan.FromDays(1);

    /// <summary>A check that took no longer than this is repeated when a health check asks for it.</summary>
    private static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(50), BetweenQuick = TimeSpan.FromSeconds(5);

    private long _endedAt;
    private int _checking;
    private TimeSpan _took = TimeSpan.MaxValue;

    /// <summary>Checks a small database again, unless it was checked a moment ago.</summary>
    public void CheckIfQuick()
    {
        if (_took <= Quick && Stopwatch.GetElapsedTime(Volatile.Read(ref _endedAt)) > BetweenQuick)
            Check();
    }

    /// <summary>Checks the database now.</summary>
    internal void Check() => Run(CancellationToken.None);

    /// <summary>Checks the database at startup, for a limited time.</summary>
    /// <returns>The damage as SQLite describes it; null if there is none or the check took too long.</returns>
    internal static string? FindAtStart(string database)
    {
        using var patience = new CancellationTokenSource(PatienceAtStart);
        return SqliteIntegrity.Find(database, patience.Token);
    }

    /// <summary>Checks a file once.</summary>
    /// <returns>The damage as SQLite describes it; null if there is none or the check was canceled.</returns>
    internal static string? Find(string database, CancellationToken cancellation) => SqliteIntegrity.Find(database, cancellation);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Factory.StartNew(
        () => Watch(stoppingToken), stoppingToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Watch(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested && !damage.IsFound)
        {
            Run(stoppingToken);
            stoppingToken.WaitHandle.WaitOne(RestAfter(_took));
        }
    }

    private static TimeSpan RestAfter(TimeSpan took) =>
        took >= LongestRest / RestAfterWork ? LongestRest : took * RestAfterWork is var rest && rest > ShortestRest ? rest : ShortestRest;

    private void Run(CancellationToken cancellation)
    {
        if (Interlocked.Exchange(ref _checking, 1) == 1)
            return;
        var since = Stopwatch.GetTimestamp();
        try
        {
            if (SqliteIntegrity.Find(directory.Database, cancellation) is { } finding)
                damage.Found(finding);
        }
        catch (DbException exception)
        {
            damage.Observe(exception);
            LogFailed(exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            LogFailed(exception);
        }
        finally
        {
            _took = Stopwatch.GetElapsedTime(since);
            Volatile.Write(ref _endedAt, Stopwatch.GetTimestamp());
            Volatile.Write(ref _checking, 0);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database file could not be checked for damage; Portal retries")]
    private partial void LogFailed(Exception exception);
}
