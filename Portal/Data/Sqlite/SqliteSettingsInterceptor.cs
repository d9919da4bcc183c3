using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Portal.Data.Sqlite;

/// <summary>Gives every SQLite connection the durability that a confirmed change relies on, and the functions that queries use.</summary>
/// <remarks><c>synchronous=FULL</c> syncs the write-ahead log at each commit, so that a commit survives a power cut. <c>secure_delete=ON</c>
/// overwrites removed data, so that the encrypted copy of a removed secret doesn't stay in the file.</remarks>
internal sealed class SqliteSettingsInterceptor : DbConnectionInterceptor
{
    private static readonly string Settings = string.Create(
        CultureInfo.InvariantCulture, $"PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON; PRAGMA journal_size_limit={WriteAheadLog.MostKept};");

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Settings;
        command.ExecuteNonQuery();
        SqliteFunctions.Register((SqliteConnection)connection);
    }

    public override async Task ConnectionOpenedAsync(
        DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = Settings;
        await command.ExecuteNonQueryAsync(cancellationToken);
        SqliteFunctions.Register((SqliteConnection)connection);
    }
}
