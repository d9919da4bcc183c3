namespace Portal.Data.Sqlite;

/// <summary>Compares the migrations of a database with those of this version.</summary>
/// <remarks>The nine migrations from before the first release are now one, the first in <c>Data/Sqlite/Migrations</c>. It has the ID of the last of
/// them, so a database with all nine is up to date. A database with fewer must first be updated by the version that still has them.</remarks>
internal static class MigrationHistory
{
    /// <summary>A version of Portal that still has the nine migrations.</summary>
    internal const string CommitWithFormerMigrations = "cd2f33d";

    /// <param name="applied">The IDs of the database's migrations; empty for an empty database.</param>
    /// <param name="known">The IDs of this version's migrations, oldest first.</param>
    /// <returns>Why this version can't use the database, and what to do; null if it can.</returns>
    public static string? FindObstacle(string path, IReadOnlyCollection<string> applied, IReadOnlyList<string> known)
    {
        var first = known[0];
        if (applied.FirstOrDefault(id => string.CompareOrdinal(id, first) > 0 && !known.Contains(id)) is { } newer)
            return $"The database {path} was created by a newer version of Portal (it has {newer}): start that version, or restore a backup that this version created.";
        return applied.Count == 0 || applied.Contains(first)
            ? null
            : $"The database {path} was created by a development version of Portal that this version can't upgrade (its last migration is {applied.Max(StringComparer.Ordinal)}): start Portal once from commit {CommitWithFormerMigrations}, then start this version.";
    }
}
