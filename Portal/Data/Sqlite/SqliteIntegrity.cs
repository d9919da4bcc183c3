using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Portal.Data.Sqlite;

/// <summary>Checks a database file for damage.</summary>
internal static class SqliteIntegrity
{
    /// <returns>The damage as SQLite describes it; null if there is none or the check was canceled.</returns>
    public static string? Find(string database, CancellationToken cancellation)
    {
        // A separate connection: those of the pool may use pages that they read before the damage.
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
