using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Portal.Data.Sqlite;

/// <summary>Waits for SQLite's write lock. It retries every second, because SQLite's own wait can't be canceled when Portal stops.</summary>
internal static class WriteLock
{
    /// <summary>The timeout of one attempt, in seconds. The provider supports no shorter one.</summary>
    public const int Step = 1;

    /// <param name="attempt">Requests the lock and waits for <see cref="Step"/>. Without the lock, it has no effect.</param>
    /// <exception cref="SqliteException">Another program held the lock for too long.</exception>
    /// <exception cref="DatabaseBusyException">Another program holds the lock, and Portal is stopping and can't wait longer.</exception>
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

    /// <summary>Whether another connection holds the lock. Doesn't wait.</summary>
    private static bool IsHeld(SqliteConnection connection)
    {
        if (raw.sqlite3_exec(connection.Handle, "BEGIN IMMEDIATE") == raw.SQLITE_BUSY)
            return true;
        _ = raw.sqlite3_exec(connection.Handle, "ROLLBACK");
        return false;
    }
}
