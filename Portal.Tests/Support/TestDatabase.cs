using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Portal.Data;

namespace Portal.Tests.Support;

/// <summary>The kind of database that this test run uses.</summary>
internal static partial class TestDatabase
{
    [GeneratedRegex("""[xX]'(?<bytes>[0-9A-Fa-f]*)'|'[^']*'|"[^"]*"|(?<name>\b[A-Z][A-Za-z]*[a-z][A-Za-z]*\b)""")]
    private static partial Regex Different { get; }

    /// <summary>The databases of data directories, and where they return to.</summary>
    private static readonly ConcurrentDictionary<string, (ReusedDatabases? Source, string ConnectionString)> Taken = new(StringComparer.Ordinal);

    public const string Variable = "PORTAL_TEST_DATABASE";

    public static bool IsPostgres { get; } = Environment.GetEnvironmentVariable(Variable) == nameof(DatabaseKind.Postgres);

    /// <summary>Changes a statement in SQLite's dialect for PostgreSQL, which needs quotes around the names of tables and columns,
    /// because it otherwise changes them to lower case, and writes bytes differently. Keywords have capital letters only.</summary>
    public static string Translate(string sql) => Different.Replace(sql, match =>
        match.Groups["bytes"] is { Success: true, Value: var bytes } ? $"'\\x{bytes}'::bytea" : match.Groups["name"].Success ? $"\"{match.Value}\"" : match.Value);

    /// <summary>The SQL of a GUID, which SQLite stores as text.</summary>
    /// <param name="text">The SQL of the text.</param>
    public static string Guid(string text) => IsPostgres ? $"({text})::uuid" : text;

    /// <summary>Connects to the database of a data directory.</summary>
    /// <returns>Null if the database is a file of the directory.</returns>
    public static string? FindConnectionString(string directory) => Taken.TryGetValue(directory, out var taken) ? taken.ConnectionString : null;

    /// <summary>Takes a database for a data directory, unless it has one.</summary>
    /// <returns>Its connection string.</returns>
    public static async Task<string> TakeAsync(string directory, ReusedDatabases source)
    {
        if (!Taken.TryGetValue(directory, out var taken))
            taken = Taken[directory] = (source, await source.TakeAsync());
        return taken.ConnectionString;
    }

    /// <summary>Lets a data directory use a database that belongs to another.</summary>
    public static string Share(string directory, string connectionString)
    {
        Taken[directory] = (null, connectionString);
        return connectionString;
    }

    /// <summary>Gives the database of a data directory to the next test.</summary>
    public static async Task ReturnAsync(string directory)
    {
        if (Taken.TryRemove(directory, out var taken) && taken.Source is not null)
            await taken.Source.ReturnAsync(taken.ConnectionString);
    }

    /// <summary>The settings for a database on the server.</summary>
    public static Dictionary<string, string> SettingsFor(string connectionString) => new()
    {
        [DatabaseChoice.KindSetting] = nameof(DatabaseKind.Postgres), [DatabaseChoice.ConnectionStringSetting] = connectionString,
    };
}
