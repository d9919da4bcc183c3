using System.CommandLine;
using System.Globalization;
using Portal.Data;
using Portal.Data.Copying;
using Portal.Data.Postgres;

namespace Portal.Commands;

/// <summary>The command that moves an installation between SQLite and PostgreSQL.</summary>
internal static class CopyDataCommand
{
    private const string ToPostgres = "to-postgres", ToSqlite = "to-sqlite";

    private sealed record Result(string From, string To, IReadOnlyList<CopiedTable> Tables);

    public static Command Create(CommonOptions options)
    {
        var direction = new Argument<string>("direction") { Description = $"{ToPostgres}: from the data directory to the server of the connection string. {ToSqlite}: the other way." };
        direction.AcceptOnlyFromAmong(ToPostgres, ToSqlite);
        var command = new Command(
            "copy-data", "Copies everything, including keys and statistics, between the data directory and a PostgreSQL server, and compares each row. Stop Portal first. The target must be empty.") { direction };
        command.SetAction(async (parsed, cancellation) =>
        {
            var configuration = CommandServices.CreateConfiguration();
            var connectionString = DatabaseChoice.LoadConnectionString(configuration);
            using var directory = DataDirectory.Open(parsed.GetValue(options.DataDirectory) ?? configuration[DataDirectory.SettingName]);
            var toPostgres = parsed.GetValue(direction) == ToPostgres;
            if (toPostgres)
                directory.EnsureInstalled();
            await PrepareAsync(directory, connectionString, toPostgres, cancellation);
            var (inDirectory, onServer) = (CopySide.InDirectory(directory), CopySide.OnServer(connectionString));
            var (source, target) = toPostgres ? (inDirectory, onServer) : (onServer, inDirectory);
            if (await source.Schema.IsEmptyAsync(cancellation))
                throw new CommandException($"The source {source.Name} has no data of Portal, so there is nothing to copy. Check the connection string and the data directory.");
            if (!await target.Schema.IsEmptyAsync(cancellation))
                throw new CommandException($"The target {target.Name} already has data. Use an empty database, so that nothing is overwritten.");
            var tables = await CopyAsync(new DataCopy(source, target, Progress(parsed, options)), target, cancellation);
            options.Print(parsed, new Result(source.Name, target.Name, tables), Describe(target, tables, toPostgres));
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Gives the target the schema of this version, and checks that the source has it.</summary>
    private static async Task PrepareAsync(DataDirectory directory, string connectionString, bool toPostgres, CancellationToken cancellation)
    {
        if (toPostgres)
            await PostgresDatabase.MigrateAsync(connectionString, cancellation);
        else
            await PostgresDatabase.EnsureCurrentAsync(connectionString);
        if (await PostgresDatabase.AnyNodeAsync(connectionString, cancellation))
            throw new CommandException(UnfinishedCopy.UsedByNodes);
        if (toPostgres)
            await DatabaseFile.EnsureCurrentAsync(directory.Database);
        else
            await DataExtensions.MigrateSqliteAsync(directory, cancellation);
    }

    private static async Task<IReadOnlyList<CopiedTable>> CopyAsync(DataCopy copy, CopySide target, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        try
        {
            return await copy.RunAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            throw new CommandException($"Canceled. {target.AdviceIfUnfinished}");
        }
        catch (DatabaseUnusableException exception)
        {
            // Nothing was copied.
            throw new CommandException(exception.Message);
        }
        catch (CopyDiffersException exception)
        {
            throw new CommandException($"{exception.Message} {target.AdviceIfUnfinished}");
        }
        catch (Exception exception) when (CommandFailure.FindCause(exception) is { } cause)
        {
            throw new CommandException($"{cause} {target.AdviceIfUnfinished}");
        }
    }

    private static Progress<CopiedTable>? Progress(ParseResult parsed, CommonOptions options) => parsed.GetValue(options.Json)
        ? null
        : new Progress<CopiedTable>(table => parsed.InvocationConfiguration.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{table.Name}: {table.Rows:N0}")));

    private static IEnumerable<string> Describe(CopySide target, IReadOnlyList<CopiedTable> tables, bool toPostgres)
    {
        yield return string.Create(CultureInfo.InvariantCulture, $"Copied and compared {tables.Sum(table => table.Rows):N0} rows of {tables.Count} tables, and all keys, to {target.Name}.");
        yield return toPostgres
            ? $"Set {DatabaseChoice.KindSetting} to {nameof(DatabaseKind.Postgres)}, and start Portal. Keep the data directory until you are sure."
            : $"Remove {DatabaseChoice.KindSetting} and the connection string, and start Portal. Keep the PostgreSQL database until you are sure.";
    }
}
