using Microsoft.EntityFrameworkCore;
using Portal.Data.Sqlite;

namespace Portal.Data;

/// <summary>Removes statistics that are older than they are kept, a few rows at a time.</summary>
public static class RetentionStore
{
    /// <summary>For each kind of statistics, the statement that removes old rows.</summary>
    private static readonly string[] Statements =
    [
        SqliteStatements.DeleteBefore("DailyCounts", "Day"), SqliteStatements.DeleteBefore("LatencyCounts", "Day"),
        SqliteStatements.DeleteBefore("SeenAddresses", "LastSeenOn"), SqliteStatements.DeleteBefore("RecentRequests", "LastOn"),
    ];

    /// <summary>How many kinds of statistics there are.</summary>
    public static int Kinds => Statements.Length;

    /// <param name="kind">0 up to <see cref="Kinds"/>.</param>
    /// <param name="most">Rows in one statement, so that it holds the database for a moment only.</param>
    /// <returns>How many rows were removed; fewer than <paramref name="most"/>: that was all.</returns>
    public static Task<int> RemoveBeforeAsync(PortalDbContext context, int kind, DateOnly first, int most, CancellationToken cancellation) =>
        context.Database.ExecuteSqlRawAsync(Statements[kind], [first, most], cancellation);
}
