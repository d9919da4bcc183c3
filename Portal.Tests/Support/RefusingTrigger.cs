namespace Portal.Tests.Support;

/// <summary>Lets the database refuse rows, as a full disk or a broken constraint would.</summary>
internal static class RefusingTrigger
{
    /// <summary>The SQL that creates it.</summary>
    /// <param name="operation"><c>INSERT</c> or <c>UPDATE</c>.</param>
    /// <param name="condition">Which rows are refused, such as <c>NEW.StatusCode = 503</c>; null for all of them.</param>
    public static string On(string table, string operation = "INSERT", string? condition = null)
    {
        var when = condition is null ? "" : $"WHEN ({condition})";
        return TestDatabase.IsPostgres
            ? $"""
                CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''refused''; END';
                CREATE TRIGGER refuse BEFORE {operation} ON {table} FOR EACH ROW {when} EXECUTE FUNCTION refuse()
                """
            : $"CREATE TRIGGER refuse BEFORE {operation} ON {table} {when} BEGIN SELECT RAISE(ABORT, 'refused'); END";
    }

    /// <summary>The SQL that removes it.</summary>
    public static string Off => TestDatabase.IsPostgres ? "DROP FUNCTION refuse CASCADE" : "DROP TRIGGER refuse";
}
