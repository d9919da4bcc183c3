namespace Portal.Data.Sqlite;

/// <summary>Statements in SQLite's own dialect.</summary>
internal static class SqliteStatements
{
    /// <summary>Deletes rows of days before <c>{0}</c>, the oldest first, and at most <c>{1}</c> of them.</summary>
    /// <remarks>It finds rows along the index of the day. By <c>rowid</c>, because SQLite looks up a key of several columns by the first of them only.</remarks>
    /// <param name="table">Must not come from outside: it is not escaped.</param>
    /// <param name="day">The column with the day; not escaped either.</param>
    public static string DeleteBefore(string table, string day) =>
        $$"""DELETE FROM "{{table}}" WHERE rowid IN (SELECT rowid FROM "{{table}}" WHERE "{{day}}" < {0} ORDER BY "{{day}}" LIMIT {1})""";
}
