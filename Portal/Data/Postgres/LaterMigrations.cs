namespace Portal.Data.Postgres;

/// <summary>Decides whether this version works with a schema that a later version has updated.</summary>
/// <remarks>Nodes of two versions run side by side during an upgrade. A migration therefore only adds to the schema, so that the version before still
/// works with it. What that version uses is removed by a migration of the next one, whose name says which migration a version must have to work
/// with it: <c>ContractAfterTokenLifecycle</c>.</remarks>
internal static class LaterMigrations
{
    /// <summary>Begins the name of a migration that removes or changes what earlier versions use. The name of a migration follows.</summary>
    public const string ContractPrefix = "ContractAfter";

    /// <param name="applied">The IDs of the database's migrations.</param>
    /// <param name="known">The IDs of this version's migrations.</param>
    /// <returns>Why this version can't use the database, and what to do; null if it can.</returns>
    public static string? FindObstacle(IEnumerable<string> applied, IReadOnlyCollection<string> known)
    {
        var names = known.Select(NameOf).ToHashSet();
        return applied.Except(known).FirstOrDefault(id => NeedsOf(id) is { } needed && !names.Contains(needed)) is { } later
            ? $"A later version of Portal has updated the database, and this version no longer works with it (it has {later}): start the later version, or restore a backup that this version created."
            : null;
    }

    /// <summary>The name of the migration that a version must have to work with this one; null if every version does.</summary>
    public static string? NeedsOf(string id) => NameOf(id) is var name && name.StartsWith(ContractPrefix, StringComparison.Ordinal) ? name[ContractPrefix.Length..] : null;

    /// <summary>The part of an ID after its time.</summary>
    public static string NameOf(string id) => id[(id.IndexOf('_', StringComparison.Ordinal) + 1)..];
}
