using Portal.Data.Copying;
using Portal.Data.Sqlite;

namespace Portal.Data;

/// <summary>What a database file contains.</summary>
/// <param name="Migration">The ID of the last migration; null: the file has no tables.</param>
/// <param name="KeyRingProof">See <see cref="Installation.KeyRingProof"/>.</param>
internal sealed record DatabaseContent(string? Migration, long Tokens, long Users, long AuditEntries, byte[]? KeyRingProof);

/// <summary>Works with database files as wholes: copies, checks and describes them. Another process may use the file.</summary>
internal static class DatabaseFile
{
    /// <summary>Copies a database while others may write to it. The copy has everything that was committed before the call, and each transaction either
    /// completely or not at all.</summary>
    /// <param name="target">Must not exist. Only this user may read it.</param>
    public static void Copy(string database, string target)
    {
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        new FileStream(target, options).Dispose();
        SqliteFile.Copy(database, target);
    }

    /// <summary>Checks the structure, all indexes and all references.</summary>
    /// <returns>The damage; null if there is none.</returns>
    public static string? FindDamage(string database) => SqliteFile.FindDamage(database);

    /// <summary>Ends all sessions and one-time links in a copy of a database: some of them may have ended after the copy was made.</summary>
    public static Task EndSessionsAsync(string database) => SqliteDatabase.EndSessionsAsync(database);

    public static DatabaseContent Describe(string database) => SqliteFile.Describe(database);

    /// <summary>Finds out whether this version of Portal can use the database.</summary>
    /// <returns>Why not, and what to do; null if it can, perhaps after it has updated the schema.</returns>
    public static async Task<string?> FindObstacleAsync(string database)
    {
        var (applied, known) = await SqliteDatabase.ReadMigrationsAsync(database);
        return MigrationHistory.FindObstacle(database, applied, known)
            ?? (await SqliteDatabase.IsUnfinishedCopyAsync(database) ? UnfinishedCopy.AdviceForFile(database) : null);
    }

    /// <summary>Lists the migrations that the next start of Portal will run.</summary>
    public static async Task<IReadOnlyList<string>> FindPendingAsync(string database)
    {
        var (applied, known) = await SqliteDatabase.ReadMigrationsAsync(database);
        return [.. known.Except(applied)];
    }

    /// <exception cref="DatabaseUnusableException">The schema isn't the one of this version; the message says what to do.</exception>
    public static async Task EnsureCurrentAsync(string database)
    {
        if (await FindObstacleAsync(database) is { } obstacle)
            throw new DatabaseUnusableException(obstacle);
        if (await FindPendingAsync(database) is { Count: > 0 })
            throw new DatabaseUnusableException($"The database {database} is of an earlier version of Portal. Start this version of Portal once, which updates it, and then run the command again.");
    }
}
