using Microsoft.EntityFrameworkCore;

namespace Portal.Data.Postgres;

/// <summary>Remembers the values in a table, for all nodes.</summary>
internal sealed class PostgresUsedValues(IDbContextFactory<PortalDbContext> contexts, TimeProvider clock) : IUsedValues
{
    public bool IsShared => true;

    public bool TryUse(string kind, string value, DateTime until)
    {
        using var context = contexts.CreateDbContext();
        var connection = context.Database.GetDbConnection();
        connection.Open();
        using var forget = connection.CreateCommand("""DELETE FROM "UsedValues" WHERE "Until" < @now""", ("@now", clock.GetUtcNow().UtcDateTime));
        forget.ExecuteNonQuery();
        using var use = connection.CreateCommand(
            """INSERT INTO "UsedValues" ("Kind", "Value", "Until") VALUES (@kind, @value, @until) ON CONFLICT DO NOTHING""", ("@kind", kind), ("@value", value), ("@until", until));
        return use.ExecuteNonQuery() == 1;
    }
}
