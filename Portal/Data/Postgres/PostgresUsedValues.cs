using System.Data.Common;
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
        Run(connection, """DELETE FROM "UsedValues" WHERE "Until" < @p0""", clock.GetUtcNow().UtcDateTime);
        return Run(connection, """INSERT INTO "UsedValues" ("Kind", "Value", "Until") VALUES (@p0, @p1, @p2) ON CONFLICT DO NOTHING""", kind, value, until) == 1;
    }

    private static int Run(DbConnection connection, string statement, params object[] values)
    {
        using var command = connection.CreateCommand();
        command.CommandText = statement;
        for (var i = 0; i < values.Length; i++)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = ($"p{i}", values[i]);
            command.Parameters.Add(parameter);
        }

        return command.ExecuteNonQuery();
    }
}
