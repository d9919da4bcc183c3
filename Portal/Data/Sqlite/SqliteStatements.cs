namespace Portal.Data.Sqlite;

/// <summary>Statements in SQLite's own dialect.</summary>
internal static class SqliteStatements
{
    /// <summary>Finds the IDs of audit entries whose hash isn't that of their values and of the entry before them: those after <c>{0}</c>, which has the hash
    /// <c>{2}</c>, up to <c>{1}</c>. <c>{3}</c> is the first entry with a hash. The values are those of the trigger <c>TR_AuditEntries_Insert</c>, in its
    /// order. If entries were removed meanwhile at the end of their retention, the last of these is the one before.</summary>
    public const string FindBrokenAuditEntries =
        """
        SELECT "Id" AS "Value" FROM (
            SELECT *, lag("Hash", 1, coalesce((SELECT "LastHash" FROM "AuditTrims" WHERE "LastEntryId" > {0} ORDER BY "Id" DESC LIMIT 1), nullif({2}, x''))) OVER (ORDER BY "Id") AS "Before"
            FROM "AuditEntries" WHERE "Id" > {0} AND "Id" <= {1})
        WHERE "Id" >= {3}
            AND "Hash" IS NOT portal_audit_hash("Before", "Id", "AccountId", "At", "ActorId", "ActorName", "ActorKind", "Action", "TargetId", "TargetName", "Details", "Address")
        ORDER BY "Id"
        """;

    /// <summary>Deletes at most <c>{1}</c> rows of days before <c>{0}</c>, oldest first.</summary>
    /// <remarks>Uses the index on the day, and the <c>rowid</c>: SQLite searches a key of several columns by its first column only.</remarks>
    /// <param name="table">Not escaped, so it must not come from user input.</param>
    /// <param name="day">The column with the day; not escaped either.</param>
    public static string DeleteBefore(string table, string day) =>
        $$"""DELETE FROM "{{table}}" WHERE rowid IN (SELECT rowid FROM "{{table}}" WHERE "{{day}}" < {0} ORDER BY "{{day}}" LIMIT {1})""";

    /// <summary>Deletes at most <c>{1}</c> rows of the token <c>{0}</c>.</summary>
    /// <inheritdoc cref="DeleteBefore"/>
    public static string DeleteOfToken(string table) =>
        $$"""DELETE FROM "{{table}}" WHERE rowid IN (SELECT rowid FROM "{{table}}" WHERE "TokenId" = {0} LIMIT {1})""";

    /// <summary>Deletes at most <c>{1}</c> hourly counts of hours before <c>{0}</c>, oldest first. The table has no <c>rowid</c>, and the hour is the
    /// first column of its key.</summary>
    public const string DeleteHoursBefore =
        """
        DELETE FROM "HourlyCounts" WHERE ("Hour", "TokenId") IN (SELECT "Hour", "TokenId" FROM "HourlyCounts" WHERE "Hour" < {0} ORDER BY "Hour", "TokenId" LIMIT {1})
        """;
}
