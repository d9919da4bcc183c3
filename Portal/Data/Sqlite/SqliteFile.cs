using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Portal.Data.Sqlite;

/// <summary>The operations of <see cref="DatabaseFile"/>.</summary>
internal static class SqliteFile
{
    /// <summary>Copies all pages within one read transaction: SQLite's online backup, which blocks neither readers nor writers.</summary>
    public static void Copy(string database, string target)
    {
        using var from = Open(database);
        using var to = Open(target);
        // The copy is worthless unless it is complete, so that nothing is gained by syncing it now and then.
        Execute(to, "PRAGMA synchronous=OFF");
        from.BackupDatabase(to);
        // One file, without a write-ahead log beside it.
        Execute(to, "PRAGMA journal_mode=DELETE");
    }

    public static string? FindDamage(string database)
    {
        using var connection = Open(database);
        if (Read(connection, "PRAGMA integrity_check(1)") is { } finding and not "ok")
            return finding.ReplaceLineEndings(" ");
        return Read(connection, "PRAGMA foreign_key_check") is { } table ? $"a row of {table} refers to a row that does not exist" : null;
    }

    public static DatabaseContent Describe(string database)
    {
        using var connection = Open(database);
        return new DatabaseContent(
            Has(connection, "__EFMigrationsHistory") ? Read(connection, """SELECT max("MigrationId") FROM "__EFMigrationsHistory" """) : null,
            Count(connection, "Tokens"), Count(connection, "AspNetUsers"), Count(connection, "AuditEntries"),
            Has(connection, "Installation") ? ReadProof(connection) : null);
    }

    private static byte[]? ReadProof(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = """SELECT "KeyRingProof" FROM "Installation" """;
        return command.ExecuteScalar() as byte[];
    }

    private static long Count(SqliteConnection connection, string table) =>
        Has(connection, table) ? long.Parse(Read(connection, $"SELECT count(*) FROM \"{table}\"")!, CultureInfo.InvariantCulture) : 0;

    private static bool Has(SqliteConnection connection, string table) =>
        Read(connection, $"SELECT name FROM sqlite_schema WHERE type = 'table' AND name = '{table}'") is not null;

    /// <summary>Opens a file that exists. No pool keeps it open afterwards.</summary>
    private static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString());
        connection.Open();
        SqliteFunctions.Register(connection);
        return connection;
    }

    private static void Execute(SqliteConnection connection, string statement)
    {
        using var command = connection.CreateCommand();
        command.CommandText = statement;
        command.ExecuteNonQuery();
    }

    /// <returns>The first value of the first row; null if there is no row.</returns>
    private static string? Read(SqliteConnection connection, string query)
    {
        using var command = connection.CreateCommand();
        command.CommandText = query;
        return Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture) is { Length: > 0 } value ? value : null;
    }
}
