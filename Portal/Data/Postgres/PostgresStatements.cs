namespace Portal.Data.Postgres;

/// <summary>Statements in PostgreSQL's dialect.</summary>
internal static class PostgresStatements
{
    /// <summary>As <c>SqliteStatements.FindBrokenAuditEntries</c>.</summary>
    public const string FindBrokenAuditEntries =
        """
        SELECT "Id" AS "Value" FROM (
            SELECT *, lag("Hash", 1, coalesce((SELECT "LastHash" FROM "AuditTrims" WHERE "LastEntryId" > {0} ORDER BY "Id" DESC LIMIT 1), nullif({2}, ''::bytea))) OVER (ORDER BY "Id") AS "Before"
            FROM "AuditEntries" WHERE "Id" > {0} AND "Id" <= {1}) AS entries
        WHERE "Id" >= {3}
            AND "Hash" IS DISTINCT FROM portal_audit_hash(
                "Before", "Id", "AccountId", "At", "ActorId", "ActorName", "ActorKind", "Action", "TargetId", "TargetName", "Details", "Address")
        ORDER BY "Id"
        """;

    /// <summary>Lets one node after the other change the keys of the installation.</summary>
    public const string LockKeys = """SELECT "Last" FROM "ChangeSequence" WHERE "Id" = 1 FOR UPDATE""";

    /// <summary>Replaces limits of the user or the database in a transaction. The last one exists since PostgreSQL 17.</summary>
    public const string WaitWithoutLimit =
        """
        SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0;
        SELECT set_config('transaction_timeout', '0', true) WHERE current_setting('transaction_timeout', true) IS NOT NULL
        """;

    /// <summary>Deletes at most <c>{1}</c> rows of days before <c>{0}</c>, oldest first.</summary>
    /// <param name="table">Not escaped, so it must not come from user input.</param>
    /// <param name="key">The columns of the primary key, quoted and separated by commas; not escaped either.</param>
    /// <param name="day">The column with the day; not escaped either.</param>
    public static string DeleteBefore(string table, string key, string day) =>
        $$"""DELETE FROM "{{table}}" WHERE ({{key}}) IN (SELECT {{key}} FROM "{{table}}" WHERE "{{day}}" < {0} ORDER BY "{{day}}" LIMIT {1})""";

    /// <summary>Deletes at most <c>{1}</c> rows of the token <c>{0}</c>.</summary>
    /// <inheritdoc cref="DeleteBefore"/>
    public static string DeleteOfToken(string table, string key) =>
        $$"""DELETE FROM "{{table}}" WHERE ({{key}}) IN (SELECT {{key}} FROM "{{table}}" WHERE "TokenId" = {0} LIMIT {1})""";
}
