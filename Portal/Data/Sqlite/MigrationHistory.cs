namespace Portal.Data.Sqlite;

/// <summary>Compares the migrations that a database has with those of this version.</summary>
/// <remarks>Before the first release there were nine migrations. They are one now, the first of <c>Data/Sqlite/Migrations</c>, and it has the id
/// of the last of them: a database that had all nine is up to date with it. One that had fewer must get the rest from the version that has them.</remarks>
internal static class MigrationHistory
{
    /// <summary>A version of Portal that still has the nine migrations.</summary>
    internal const string CommitWithFormerMigrations = "cd2f33d";

    /// <param name="applied">The ids of the database's migrations; none: it is empty.</param>
    /// <param name="known">The ids of this version's migrations, the oldest first.</param>
    /// <returns>Why this version can't use the database, and what to do; null: it can.</returns>
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
