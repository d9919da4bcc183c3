using System.Text.RegularExpressions;
using Portal.Data;

namespace Portal.Tests.Support;

/// <summary>The kind of database that this test run uses.</summary>
internal static partial class TestDatabase
{
    [GeneratedRegex("""'[^']*'|"[^"]*"|\b[A-Z][A-Za-z]*[a-z][A-Za-z]*\b""")]
    private static partial Regex Names { get; }

    public const string Variable = "PORTAL_TEST_DATABASE";

    public static bool IsPostgres { get; } = Environment.GetEnvironmentVariable(Variable) == nameof(DatabaseKind.Postgres);

    /// <summary>Quotes the names of tables and columns, which PostgreSQL otherwise changes to lower case. Keywords have capital letters only.</summary>
    public static string Quote(string sql) => Names.Replace(sql, match => match.Value[0] is '\'' or '"' ? match.Value : $"\"{match.Value}\"");

    /// <summary>The settings for a database on the server.</summary>
    public static Dictionary<string, string> SettingsFor(string connectionString) => new()
    {
        [DatabaseChoice.KindSetting] = nameof(DatabaseKind.Postgres), [DatabaseChoice.ConnectionStringSetting] = connectionString,
    };
}
