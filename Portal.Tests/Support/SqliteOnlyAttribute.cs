using Xunit.v3;

namespace Portal.Tests.Support;

/// <summary>Marks tests of what only SQLite has, such as its file and its query plans. Runs on PostgreSQL leave them out.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class SqliteOnlyAttribute : Attribute, ITraitAttribute
{
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Database", "Sqlite")];
}
