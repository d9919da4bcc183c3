using System.Reflection;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Portal.Data.Sqlite;

/// <summary>Computes the comparisons of <see cref="DatabaseText"/> within SQLite.</summary>
internal static class SqliteFunctions
{
    private const string Upper = "portal_upper";

    public static void Map(ModelBuilder model)
    {
        model.HasDbFunction(Method(nameof(DatabaseText.MatchesPattern))).HasName("glob").IsBuiltIn();
        model.HasDbFunction(Method(nameof(DatabaseText.Upper))).HasName(Upper).IsBuiltIn();
    }

    /// <summary>SQLite itself changes the case of ASCII letters only.</summary>
    public static void Register(SqliteConnection connection) =>
        connection.CreateFunction(Upper, (string? text) => text?.ToUpperInvariant(), isDeterministic: true);

    private static MethodInfo Method(string name) => typeof(DatabaseText).GetMethod(name, BindingFlags.Public | BindingFlags.Static)!;
}
