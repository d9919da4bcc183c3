using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Portal.Data;

namespace Portal.Tests.Support;

/// <summary>The kind of database that this test run uses.</summary>
internal static partial class TestDatabase
{
    [GeneratedRegex("""'[^']*'|"[^"]*"|\b[A-Z][A-Za-z]*[a-z][A-Za-z]*\b""")]
    private static partial Regex Names { get; }

    /// <summary>The databases of data directories, and where they return to.</summary>
    private static readonly ConcurrentDictionary<string, (ReusedDatabases Source, string ConnectionString)> Taken = new(StringComparer.Ordinal);

    public const string Variable = "PORTAL_TEST_DATABASE";

    public static bool IsPostgres { get; } = Environment.GetEnvironmentVariable(Variable) == nameof(DatabaseKind.Postgres);

    /// <summary>Quotes the names of tables and columns, which PostgreSQL otherwise changes to lower case. Keywords have capital letters only.</summary>
    public static string Quote(string sql) => Names.Replace(sql, match => match.Value[0] is '\'' or '"' ? match.Value : $"\"{match.Value}\"");

    /// <summary>Connects to the database of a data directory.</summary>
    public static string ConnectionStringOf(string directory) => Taken[directory].ConnectionString;

    /// <summary>Takes a database for a data directory, unless it has one.</summary>
    /// <returns>Its connection string.</returns>
    public static async Task<string> TakeAsync(string directory, ReusedDatabases source)
    {
        if (!Taken.TryGetValue(directory, out var taken))
            taken = Taken[directory] = (source, await source.TakeAsync());
        return taken.ConnectionString;
    }

    /// <summary>Gives the database of a data directory to the next test.</summary>
    public static async Task ReturnAsync(string directory)
    {
        if (Taken.TryRemove(directory, out var taken))
            await taken.Source.ReturnAsync(taken.ConnectionString);
    }

    /// <summary>The settings for a database on the server.</summary>
    public static Dictionary<string, string?> SettingsFor(string connectionString) => new()
    {
        [DatabaseChoice.KindSetting] = nameof(DatabaseKind.Postgres), [DatabaseChoice.ConnectionStringSetting] = connectionString,
    };
}
