using System.Globalization;
using Portal.Data;
using Portal.Secrets;

namespace Portal.Commands.Backups;

/// <summary>Creates backups while Portal runs or is stopped.</summary>
internal static class BackupWriter
{
    /// <summary>The space that a running Portal must keep for its own changes during a backup, in bytes.</summary>
    private const long Reserve = 64 * 1024 * 1024;

    /// <summary>Creates a backup.</summary>
    /// <param name="file">Must not exist.</param>
    /// <param name="iterations">Fewer only in tests.</param>
    /// <exception cref="CommandException">The message says what to do. No file is left behind.</exception>
    public static async Task CreateAsync(DataDirectory directory, string file, string passphrase, TimeProvider clock, int iterations = PassphraseKey.Iterations, CancellationToken cancellation = default)
    {
        if (Path.Exists(file))
            throw new CommandException($"{file} exists already, and a backup never overwrites a file. Choose another name, or remove it first.");
        using var turn = TakeTurn(directory);
        var copy = Path.Combine(directory.Path, "portal.backup.db");
        Remove(copy);
        EnsureSpace(directory);
        var incomplete = file + ".incomplete";
        Remove(incomplete);
        try
        {
            var manifest = new BackupManifest(clock.GetUtcNow().UtcDateTime, BackupManifest.CurrentVersion);
            DatabaseFile.Copy(directory.Database, copy);
            cancellation.ThrowIfCancellationRequested();
            if (IntegrityCheck.Find(copy, cancellation) is { } damage)
                throw new CommandException($"The database is damaged ({damage}), so there is no backup of it. Restore an earlier backup with Portal restore.");
            cancellation.ThrowIfCancellationRequested();
            await Task.Run(() => Write(directory, manifest, copy, incomplete, passphrase, iterations, cancellation), cancellation);
            File.Move(incomplete, file, overwrite: false);
        }
        finally
        {
            Remove(copy);
            Remove(incomplete);
        }
    }

    /// <summary>The key ring is read after the database: it then has all keys that the database needs.</summary>
    private static void Write(DataDirectory directory, BackupManifest manifest, string database, string target, string passphrase, int iterations, CancellationToken cancellation)
    {
        using var key = BackupKey.Create(passphrase, iterations);
        using var file = BackupArchive.CreateFile(target);
        using var encrypting = new EncryptingStream(file, key, cancellation);
        BackupArchive.Write(encrypting, manifest, database, directory.FilesOfKeys());
        encrypting.Complete();
        file.Flush(flushToDisk: true);
    }

    private static FileStream TakeTurn(DataDirectory directory)
    {
        var path = Path.Combine(directory.Path, "portal.backup.lock");
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
        }
        catch (IOException exception) when (DataDirectory.IsInUse(exception))
        {
            throw new CommandException("Another backup of this data directory is running. Wait until it has ended, and then run the command again.");
        }
    }

    private static void EnsureSpace(DataDirectory directory)
    {
        var needed = new FileInfo(directory.Database).Length + Reserve;
        var free = new DriveInfo(directory.Path).AvailableFreeSpace;
        if (free < needed)
            throw new CommandException(string.Create(
                CultureInfo.InvariantCulture,
                $"The disk of the data directory {directory.Path} has {free / 1_000_000:N0} MB left, but a backup needs {needed / 1_000_000:N0} MB there for a moment. Free some space, and then run the command again."));
    }

    private static void Remove(string path)
    {
        foreach (var file in (string[])[path, path + "-wal", path + "-shm", path + "-journal"])
            File.Delete(file);
    }
}
