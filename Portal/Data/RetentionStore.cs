using Microsoft.EntityFrameworkCore;

namespace Portal.Data;

/// <summary>Removes statistics that are older than they are kept, a few rows at a time.</summary>
public static class RetentionStore
{
    /// <summary>Statements that each remove up to so many rows of days before <c>{0}</c>.</summary>
    private static readonly string[] Statements =
    [
        Delete("DailyCounts", "Day"), Delete("LatencyCounts", "Day"), Delete("SeenAddresses", "LastSeenOn"), Delete("RecentRequests", "LastOn"),
    ];

    /// <summary>How many kinds of statistics there are.</summary>
    public static int Kinds => Statements.Length;

    /// <param name="kind">0 up to <see cref="Kinds"/>.</param>
    /// <param name="most">Rows in one statement, so that it holds the database for a moment only.</param>
    /// <returns>How many rows were removed; fewer than <paramref name="most"/>: that was all.</returns>
    public static Task<int> RemoveBeforeAsync(PortalDbContext context, int kind, DateOnly first, int most, CancellationToken cancellation) =>
        context.Database.ExecuteSqlRawAsync(Statements[kind], [first, most], cancellation);

    /// <summary>Along the index of the day: without one, each statement would look through the whole table.</summary>
    /// <param name="table">Names of this class alone come in here.</param>
    private static string Delete(string table, string day) =>
        $$"""DELETE FROM "{{table}}" WHERE rowid IN (SELECT rowid FROM "{{table}}" WHERE "{{day}}" < {0} ORDER BY "{{day}}" LIMIT {1})""";
}
