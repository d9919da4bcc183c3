using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Portal.Data.Sqlite;

/// <summary>Looks through a database file for damage.</summary>
internal static class SqliteIntegrity
{
    /// <returns>What is wrong, in SQLite's words; null: nothing, or the check was cancelled.</returns>
    public static string? Find(string database, CancellationToken cancellation)
    {
        // A connection of its own: those of the pool may answer from what they read before the damage.
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = database, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString());
        connection.Open();
        var handle = connection.Handle!;
        using var interruption = cancellation.Register(() => raw.sqlite3_interrupt(handle));
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA quick_check(1)";
        try
        {
            return command.ExecuteScalar() as string is { } finding and not "ok" ? finding.ReplaceLineEndings(" ") : null;
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode == SqliteErrors.Interrupted)
        {
            return null;
        }
    }
}
