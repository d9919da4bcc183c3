using Microsoft.EntityFrameworkCore;
using Portal.Data.Postgres;
using Portal.Data.Sqlite;

namespace Portal.Data;

/// <summary>Removes statistics that are past their retention period, or whose token is about to be removed, a few rows at a time.</summary>
/// <remarks>On PostgreSQL, counts stay until all of their partition are past their retention period, because then <see cref="CountPartitions"/> removes them at
/// once. Only rows in other partitions are removed here.</remarks>
public static class RetentionStore
{
    /// <summary>The statements that remove old rows, for each kind of statistics.</summary>
    private static readonly Statement[] Statements =
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
        context.Database.IsNpgsql()
            ? context.Database.ExecuteSqlRawAsync(Statements[kind].Postgres, [Statements[kind].Partitioned?.PartitionOf(first).Start ?? first, most], cancellation)
            : context.Database.ExecuteSqlRawAsync(Statements[kind].Sqlite, [first, most], cancellation);

    /// <summary>Removes the statistics of a token.</summary>
    /// <inheritdoc cref="RemoveBeforeAsync"/>
    public static Task<int> RemoveOfTokenAsync(PortalDbContext context, int kind, long tokenId, int most, CancellationToken cancellation) =>
        context.Database.ExecuteSqlRawAsync(context.Database.IsNpgsql() ? Statements[kind].PostgresOfToken : Statements[kind].SqliteOfToken, [tokenId, most], cancellation);

    /// <summary>Removes counts of hours before one.</summary>
    /// <param name="first">See <see cref="HourlyCount.HourOf"/>.</param>
    /// <inheritdoc cref="RemoveBeforeAsync"/>
    public static Task<int> RemoveHoursBeforeAsync(PortalDbContext context, int first, int most, CancellationToken cancellation) =>
        context.Database.ExecuteSqlRawAsync(SqliteStatements.DeleteHoursBefore, [context.Database.IsNpgsql() ? first - (first % HourlyCount.PerDay) : first, most], cancellation);

    /// <param name="key">The columns of the primary key.</param>
    private static Statement For(string table, string key, string day) => new(
        SqliteStatements.DeleteBefore(table, day), PostgresStatements.DeleteBefore(table, key, day), SqliteStatements.DeleteOfToken(table), PostgresStatements.DeleteOfToken(table, key),
        PartitionedTable.All.SingleOrDefault(partitioned => partitioned.Name == table));

    /// <param name="Partitioned">Null: the table has no partitions on PostgreSQL.</param>
    private sealed record Statement(string Sqlite, string Postgres, string SqliteOfToken, string PostgresOfToken, PartitionedTable? Partitioned);
}
