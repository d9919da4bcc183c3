using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Portal.Data.Sqlite;

/// <summary>Waits for SQLite's write lock. It asks again every second, because SQLite's own wait cannot be ended when Portal stops.</summary>
internal static class WriteLock
{
    /// <summary>The timeout of one attempt, in seconds: the shortest that the provider knows.</summary>
    public const int Step = 1;

    /// <param name="attempt">Asks for the lock and waits for <see cref="Step"/>. If it gets none, it has done nothing.</param>
    /// <exception cref="SqliteException">Another program held the lock for too long.</exception>
    /// <exception cref="DatabaseBusyException">Another program holds the lock, and Portal stops and waits no longer.</exception>
    public static T Take<T>(WriteQueue queue, SqliteConnection connection, Func<T> attempt)
    {
        queue.LockAsked();
        while (true)
        {
            if (queue.IsPatienceOver && IsHeld(connection))
                throw new DatabaseBusyException(isHeld: true);
            var since = queue.GetTimestamp();
            try
            {
                return attempt();
            }
            catch (SqliteException exception) when (exception.SqliteErrorCode == SqliteErrors.Busy)
            {
                if (!queue.MayAskAgain(since))
                    throw;
            }
        }
    }

    /// <summary>Asks without waiting.</summary>
    private static bool IsHeld(SqliteConnection connection)
    {
        if (raw.sqlite3_exec(connection.Handle, "BEGIN IMMEDIATE") == raw.SQLITE_BUSY)
            return true;
        _ = raw.sqlite3_exec(connection.Handle, "ROLLBACK");
        return false;
    }
}
