using System.Collections.Concurrent;
using Npgsql;

namespace Portal.Tests.Support;

/// <summary>Databases with the same rows, which tests use one after the other. To restore the rows takes a few milliseconds; a new database takes a hundred.</summary>
internal sealed class ReusedDatabases
{
    /// <summary>A database that grew larger is removed: its files keep their size.</summary>
    private const long LargestSize = 64 << 20;

    /// <summary>Changes with each object of the schema: a test may create a trigger.</summary>
    private const string Fingerprint =
        """
        (SELECT sum(xmin::text::bigint) FROM pg_class WHERE oid >= 16384 AND relnamespace = 'public'::regnamespace)
        + (SELECT sum(xmin::text::bigint) FROM pg_proc WHERE oid >= 16384 AND pronamespace = 'public'::regnamespace)
        + (SELECT sum(xmin::text::bigint) FROM pg_trigger WHERE oid >= 16384)
        """;

    private readonly Func<string, Task> _fill;
    private readonly Lazy<Task<Template>> _template;
    private readonly ConcurrentBag<string> _free = [];

    /// <param name="fill">Creates the schema and the rows in an empty database, given its connection string.</param>
    public ReusedDatabases(Func<string, Task> fill)
    {
        _fill = fill;
        _template = new Lazy<Task<Template>>(() => Task.Run(CreateTemplateAsync));
    }

    /// <summary>Gives a database to a test.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> TakeAsync()
    {
        var template = await _template.Value;
        return _free.TryTake(out var free) ? free : await (await PostgresServer.GetAsync()).CreateAsync(template.Name);
    }

    /// <summary>Takes a database back when the test has ended.</summary>
    public async Task ReturnAsync(string connectionString)
    {
        if (await TryRestoreAsync(connectionString))
            _free.Add(connectionString);
        else
            await (await PostgresServer.GetAsync()).DropAsync(connectionString);
    }

    private async Task<bool> TryRestoreAsync(string connectionString)
    {
        try
        {
            await using var connection = new NpgsqlConnection(connectionString);
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = $"SELECT * FROM seed.restore() AS size, (SELECT {Fingerprint}) AS schema";
            await using var row = await command.ExecuteReaderAsync();
            return await row.ReadAsync() && row.GetInt64(0) <= LargestSize && row.GetDecimal(1) == (await _template.Value).Fingerprint;
        }
        catch (NpgsqlException)
        {
            // A statement of the test still holds a lock, or the test removed a table.
            return false;
        }
    }

    private async Task<Template> CreateTemplateAsync()
    {
        var server = await PostgresServer.GetAsync();
        var connectionString = await server.CreateAsync("template0");
        await _fill(connectionString);
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = KeepRows;
        await command.ExecuteNonQueryAsync();
        command.CommandText = $"SELECT {Fingerprint}";
        var fingerprint = (decimal)(await command.ExecuteScalarAsync())!;
        await connection.CloseAsync();
        NpgsqlConnection.ClearPool(connection);
        return new Template(await server.CloseAsync(connectionString), fingerprint);
    }

    /// <summary>Copies the rows to another schema, and creates the function that restores them. It names each table, so that PostgreSQL keeps its plans.</summary>
    private const string KeepRows =
        """
        CREATE SCHEMA seed;
        DO $do$
        DECLARE
            name text;
            sequence record;
            steps text := '';
            has_rows boolean;
        BEGIN
            FOR name IN SELECT format('%I', relname) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname LOOP
                EXECUTE format('SELECT EXISTS (SELECT 1 FROM public.%s)', name) INTO has_rows;
                steps := steps || format('DELETE FROM public.%s; ', name);
                IF has_rows THEN
                    EXECUTE format('CREATE TABLE seed.%s AS TABLE public.%s', name, name);
                    steps := steps || format('INSERT INTO public.%s OVERRIDING SYSTEM VALUE TABLE seed.%s; ', name, name);
                END IF;
            END LOOP;
            FOR sequence IN SELECT * FROM pg_sequences WHERE schemaname = 'public' LOOP
                steps := steps || format(
                    'PERFORM setval(''public.%I'', %s, %s); ', sequence.sequencename, coalesce(sequence.last_value, sequence.start_value), CASE WHEN sequence.last_value IS NULL THEN 'false' ELSE 'true' END);
            END LOOP;
            EXECUTE format($create$
                CREATE FUNCTION seed.restore() RETURNS bigint LANGUAGE plpgsql SET session_replication_role = replica SET lock_timeout = '2s' AS $body$
                BEGIN
                    %s
                    RETURN (SELECT sum(pg_relation_size(oid)) FROM pg_class WHERE relnamespace IN ('public'::regnamespace, 'pg_toast'::regnamespace));
                END $body$
                $create$, steps);
        END $do$;
        """;

    private sealed record Template(string Name, decimal Fingerprint);
}
