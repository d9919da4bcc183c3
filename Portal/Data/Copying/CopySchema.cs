using Microsoft.EntityFrameworkCore;
using Portal.Data.Sqlite;

namespace Portal.Data.Copying;

/// <summary>Prepares the schema of the target of a copy: its triggers must not change the copied rows.</summary>
internal sealed class CopySchema(Func<PortalDbContext> open)
{
    private const string ListTables = """SELECT table_name AS "Value" FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'""";
    private const string ListTriggers = """SELECT sql AS "Value" FROM sqlite_schema WHERE type = 'trigger'""";
    private const string ListDisabledTriggers =
        """
        SELECT t.tgname AS "Value" FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE NOT t.tgisinternal AND t.tgenabled <> 'O' AND n.nspname = current_schema()
        """;

    /// <summary>Sets the next ID of each table that creates IDs.</summary>
    private const string ContinueIds =
        """
        DO $$
        DECLARE owned record;
        BEGIN
            FOR owned IN SELECT c.relname AS of_table, a.attname AS of_column FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                JOIN pg_namespace n ON n.oid = c.relnamespace WHERE a.attidentity <> '' AND n.nspname = current_schema()
            LOOP
                EXECUTE format('SELECT setval(pg_get_serial_sequence(%L, %L), COALESCE((SELECT max(%I) FROM %I), 0) + 1, false)',
                    quote_ident(owned.of_table), owned.of_column, owned.of_column, owned.of_table);
            END LOOP;
        END $$;
        """;

    private List<string> _triggers = [];

    /// <summary>Whether the database has no data, so that a copy replaces nothing.</summary>
    public async Task<bool> IsEmptyAsync(CancellationToken cancellation)
    {
        await using var context = open();
        return !await context.Accounts.AnyAsync(cancellation) && !await context.Users.AnyAsync(cancellation) && !await context.Installations.AnyAsync(installation => installation.KeyRingProof != null, cancellation);
    }

    /// <summary>Marks the copy as unfinished, turns the triggers off, and removes the rows that every new database has.</summary>
    public async Task BeginAsync(CancellationToken cancellation)
    {
        await using var context = open();
        await UnfinishedCopy.MarkAsync(context, cancellation);
        if (context.Database.IsNpgsql())
        {
            await SetTriggersAsync(context, "DISABLE", cancellation);
        }
        else
        {
            _triggers = await context.Database.SqlQueryRaw<string>(ListTriggers).ToListAsync(cancellation);
            foreach (var name in await SqliteDatabase.ListTriggersAsync(context, cancellation))
            {
                // A name from the schema, not from a user.
                var statement = $"DROP TRIGGER \"{name}\"";
                await context.Database.ExecuteSqlRawAsync(statement, cancellation);
            }
        }

        await context.Roles.ExecuteDeleteAsync(cancellation);
        await context.Installations.ExecuteDeleteAsync(cancellation);
    }

    /// <summary>Turns the triggers on, and continues the IDs after the copied ones.</summary>
    public async Task EndAsync(CancellationToken cancellation)
    {
        await using var context = open();
        if (context.Database.IsNpgsql())
        {
            await SetTriggersAsync(context, "ENABLE", cancellation);
            await context.Database.ExecuteSqlRawAsync(ContinueIds.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal), cancellation);
            return;
        }

        foreach (var trigger in _triggers)
            await context.Database.ExecuteSqlRawAsync(trigger, cancellation);
    }

    /// <summary>Checks that all triggers are there and on, and removes the mark of an unfinished copy.</summary>
    /// <exception cref="CopyDiffersException">A trigger is missing or off.</exception>
    public async Task CompleteAsync(CancellationToken cancellation)
    {
        await using var context = open();
        var isWhole = context.Database.IsNpgsql()
            ? (await context.Database.SqlQueryRaw<string>(ListDisabledTriggers).ToListAsync(cancellation)).Count == 0
            : (await SqliteDatabase.ListTriggersAsync(context, cancellation)).SequenceEqual(await SqliteDatabase.ListTriggersOfNewDatabaseAsync(cancellation));
        if (!isWhole)
            throw new CopyDiffersException("the triggers");
        await UnfinishedCopy.RemoveMarkAsync(context);
    }

    private static async Task SetTriggersAsync(PortalDbContext context, string change, CancellationToken cancellation)
    {
        foreach (var table in await context.Database.SqlQueryRaw<string>(ListTables).ToListAsync(cancellation))
        {
            // A name from the schema, not from a user.
            var statement = $"ALTER TABLE \"{table}\" {change} TRIGGER USER";
            await context.Database.ExecuteSqlRawAsync(statement, cancellation);
        }
    }
}
