using System.Xml;
using System.Xml.Linq;

namespace Portal.Data;

/// <summary>The checks at startup, before anything is read or written.</summary>
public sealed partial class DataDirectory
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private string[] PrivateFiles => [Database, Database + "-wal", Database + "-shm", .. Directory.Exists(Keys) ? Directory.GetFiles(Keys) : [], Keys];

    /// <summary>The files with the keys of the key ring.</summary>
    internal string[] KeyFiles => !Directory.Exists(Keys) ? [] : Directory.GetFiles(Keys, "key-*.xml");

    /// <summary>Stops a start with a key ring that can't be used, or with a key ring but no database.</summary>
    /// <exception cref="DataDirectoryException">The message says what to do.</exception>
    internal void EnsureComplete()
    {
        EnsureRegular($"The database {Database}", "Move it away and restore portal.db from a backup", Database);
        foreach (var path in (string[])[Database + "-wal", Database + "-shm", Database + "-journal", WalOwner])
            EnsureRegular(path, "Remove it", path);
        EnsureKeyRingFolder();
        var link = new FileInfo(Database);
        if (link.LinkTarget is { } target && link.ResolveLinkTarget(returnFinalTarget: true) is not { Exists: true })
            throw new DataDirectoryException($"{Database} is a link to {target}, which does not exist: restore that file, or remove the link.");
        if (link is { Exists: true, Length: > 0 })
            return;
        if (new FileInfo(Database + "-wal") is { Exists: true, Length: > 0 })
            throw new DataDirectoryException(
                $"{Database} is missing or empty, but {Database}-wal, which belongs to it, is not: restore portal.db from a backup and remove portal.db-wal and portal.db-shm, then start Portal again.");
        if (KeyFiles.Length > 0)
            throw new DataDirectoryException(
                $"{Database} is missing or empty, but the key ring that belongs to it is still there: restore portal.db from a backup, or move the folder {Keys} away to begin with an empty Portal.");
    }

    /// <summary>Stops a command that needs a database which Portal has already created.</summary>
    /// <exception cref="DataDirectoryException">The message says what to do.</exception>
    internal void EnsureInstalled()
    {
        EnsureRegular($"The database {Database}", "Move it away and restore portal.db from a backup", Database);
        if (new FileInfo(Database) is not { Exists: true, Length: > 0 })
            throw new DataDirectoryException($"There is no Portal in {Path}. Set --data-directory or {SettingName} to its data directory, or start Portal once to create it.");
        new Sqlite.WriteAheadLogOwner(this).Check();
    }

    /// <summary>Finds the files that others may read, although only Portal should.</summary>
    internal IReadOnlyList<string> FindOpenToOthers()
    {
        var open = new List<string>();
        if (OperatingSystem.IsWindows())
            return open;
        foreach (var path in PrivateFiles.Where(System.IO.Path.Exists))
            if ((File.GetUnixFileMode(path) & Others) != 0)
                open.Add(path);
        return open;
    }

    /// <summary>Removes the permissions of the group and of others from the files that only Portal may read.</summary>
    /// <returns>The paths that couldn't be changed.</returns>
    internal IReadOnlyList<string> MakePrivate()
    {
        var open = new List<string>();
        if (OperatingSystem.IsWindows())
            return open;
        foreach (var path in PrivateFiles.Where(System.IO.Path.Exists))
            try
            {
                var mode = File.GetUnixFileMode(path);
                if ((mode & Others) != 0)
                    File.SetUnixFileMode(path, mode & ~Others);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                open.Add(path);
            }

        return open;
    }

    private void EnsureKeyRingFolder()
    {
        try
        {
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(Keys);
            else if (!Directory.Exists(Keys))
                Directory.CreateDirectory(Keys, OwnerOnly | UnixFileMode.UserExecute);
            foreach (var path in KeyFiles)
            {
                EnsureRegular($"The key ring's file {path}", "Move it away and restore the file from a backup", path);
                EnsureWhole(path);
            }

            EnsureWritable();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DataDirectoryException(
                $"The folder of the key ring {Keys} cannot be used ({exception.Message.TrimEnd('.')}): make it a folder, and give this user read and write access to it and to the files in it, then start Portal again.");
        }
    }

    private static void EnsureRegular(string name, string remedy, string path)
    {
        if (FileKind.IsOther(path))
            throw new DataDirectoryException($"{name} cannot be used, because it is not a regular file. {remedy}, then start Portal again.");
    }

    private void EnsureWritable()
    {
        var probe = System.IO.Path.Combine(Keys, "write-test");
        using (File.Create(probe))
        {
            // Being able to create the file is enough.
        }

        File.Delete(probe);
    }

    /// <summary>The key ring ignores a damaged file without an error, and then nobody could sign in.</summary>
    private static void EnsureWhole(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            XDocument.Load(file);
        }
        catch (XmlException)
        {
            throw new DataDirectoryException($"The key ring's file {path} is damaged: restore it from the backup, or move it away; keys that were encrypted with it can then no longer be viewed.");
        }
    }
}
