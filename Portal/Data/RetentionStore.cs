using Microsoft.EntityFrameworkCore;
using Portal.Data.Postgres;
using Portal.Data.Sqlite;

namespace Portal.Data;

/// <summary>Removes statistics that are past their retention period, a few rows at a time.</summary>
public static class RetentionStore
{
    /// <summary>The statements that remove old rows, for each kind of statistics.</summary>
    private static readonly (string Sqlite, string Postgres)[] Statements =
    [
        For("DailyCounts", """ "TokenId", "Day", "ModuleId", "StatusCode", "Reason" """, "Day"), For("LatencyCounts", """ "TokenId", "Day", "Bucket" """, "Day"),
        For("SeenAddresses", """ "TokenId", "Address" """, "LastSeenOn"), For("RecentRequests", """ "TokenId" """, "LastOn"),
    ];

    /// <summary>The number of kinds of statistics by day.</summary>
    public static int Kinds => Statements.Length;

    /// <param name="kind">From 0 to <see cref="Kinds"/> - 1.</param>
    /// <param name="most">The maximum number of rows in one statement, so that it locks the database only briefly.</param>
    /// <returns>The number of rows that were removed. If it is less than <paramref name="most"/>, none are left.</returns>
    public static Task<int> RemoveBeforeAsync(PortalDbContext context, int kind, DateOnly first, int most, CancellationToken cancellation) =>
        context.Database.ExecuteSqlRawAsync(context.Database.IsNpgsql() ? Statements[kind].Postgres : Statements[kind].Sqlite, [first, most], cancellation);

    /// <summary>Removes counts of hours before one.</summary>
    /// <param name="first">See <see cref="HourlyCount.HourOf"/>.</param>
    /// <inheritdoc cref="RemoveBeforeAsync"/>
    public static Task<int> RemoveHoursBeforeAsync(PortalDbContext context, int first, int most, CancellationToken cancellation) =>
        context.Database.ExecuteSqlRawAsync(SqliteStatements.DeleteHoursBefore, [first, most], cancellation);

    /// <param name="key">The columns of the primary key.</param>
    private static (string Sqlite, string Postgres) For(string table, string key, string day) =>
        (SqliteStatements.DeleteBefore(table, day), PostgresStatements.DeleteBefore(table, key, day));
}
