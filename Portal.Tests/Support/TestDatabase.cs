using Portal.Data;

namespace Portal.Tests.Support;

/// <summary>The kind of database that this test run uses.</summary>
internal static class TestDatabase
{
    public const string Variable = "PORTAL_TEST_DATABASE";

    public static bool IsPostgres { get; } = Environment.GetEnvironmentVariable(Variable) == nameof(DatabaseKind.Postgres);

    /// <summary>The settings for a database on the server.</summary>
    public static Dictionary<string, string> SettingsFor(string connectionString) => new()
    {
        [DatabaseChoice.KindSetting] = nameof(DatabaseKind.Postgres), [DatabaseChoice.ConnectionStringSetting] = connectionString,
    };
}
