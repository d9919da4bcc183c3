using Portal.Data;
using Portal.Data.KeyRing;

namespace Portal.Commands.Backups;

/// <summary>Restores backups into empty data directories.</summary>
internal static class BackupRestorer
{
    private const string WorkFolder = "portal.restore";

    /// <summary>What an empty data directory may contain: the lock, and what a file system has in its root.</summary>
    private static readonly string[] Ignored = ["portal.lock", "lost+found", WorkFolder];

    /// <summary>Restores a backup completely or not at all.</summary>
    /// <param name="configured">The data directory; null: the default one.</param>
    /// <exception cref="BackupException">The backup can't be used; the message says what to do.</exception>
    /// <exception cref="CommandException">The data directory isn't empty.</exception>
    /// <exception cref="DataDirectoryException">The data directory can't be used, or a Portal is running in it.</exception>
    public static async Task<BackupSummary> RestoreAsync(string file, string passphrase, string? configured, KeyRingSecrets? secrets = null, CancellationToken cancellation = default)
    {
        using var directory = DataDirectory.Open(configured);
        var work = Path.Combine(directory.Path, WorkFolder);
        EnsureEmpty(directory, work);
        RemoveWork(work);
        BackupArchive.CreateFolder(work);
        try
        {
            var summary = await BackupReader.ExtractAsync(file, passphrase, work, secrets, cancellation);
            cancellation.ThrowIfCancellationRequested();
            await DatabaseFile.EndSessionsAsync(Path.Combine(work, BackupArchive.Database));
            Put(directory, work);
            return summary;
        }
        finally
        {
            RemoveWork(work);
        }
    }

    /// <summary>Moves the files to their places, the database last. Until then, Portal doesn't start, and the restore can be repeated.</summary>
    private static void Put(DataDirectory directory, string work)
    {
        Directory.Move(Path.Combine(work, BackupArchive.Keys), directory.Keys);
        try
        {
            File.Move(Path.Combine(work, BackupArchive.Database), directory.Database, overwrite: false);
        }
        catch
        {
            Directory.Delete(directory.Keys, recursive: true);
            throw;
        }
    }

    private static void EnsureEmpty(DataDirectory directory, string work)
    {
        // What a restore left that was killed while it moved the files.
        if (Directory.Exists(work) && !Path.Exists(directory.Database) && Directory.Exists(directory.Keys))
            Directory.Delete(directory.Keys, recursive: true);
        if (Directory.EnumerateFileSystemEntries(directory.Path).Select(Path.GetFileName).FirstOrDefault(name => !Ignored.Contains(name)) is { } found)
            throw new CommandException(
                $"The data directory {directory.Path} is not empty (it has {found}), and a restore never overwrites anything. Stop Portal, move the directory away, and then run the command again.");
    }

    private static void RemoveWork(string work)
    {
        if (Directory.Exists(work))
            Directory.Delete(work, recursive: true);
    }
}
