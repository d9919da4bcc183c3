using System.Formats.Tar;
using System.Reflection;
using System.Text.Json;

namespace Portal.Commands.Backups;

/// <summary>What a backup says about itself.</summary>
/// <param name="CreatedAt">The moment of the backup, in UTC: everything that Portal had confirmed by then is in it.</param>
/// <param name="Version">The version of Portal that created it.</param>
internal sealed record BackupManifest(DateTime CreatedAt, string Version)
{
    public static string CurrentVersion { get; } =
        typeof(BackupManifest).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}

/// <summary>The content of a backup before encryption: a tar file with <c>backup.json</c>, <c>portal.db</c> and the files of <c>keys/</c>.</summary>
internal static class BackupArchive
{
    public const string Database = "portal.db", Keys = "keys";

    private const string Manifest = "backup.json";
    private const int LongestManifest = 64 * 1024;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static void Write(Stream target, BackupManifest manifest, string database, IEnumerable<string> keyFiles)
    {
        using var tar = new TarWriter(target, TarEntryFormat.Pax, leaveOpen: true);
        using (var json = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(manifest, JsonSerializerOptions.Web)))
            Add(tar, Manifest, json, manifest);
        using (var file = File.OpenRead(database))
            Add(tar, Database, file, manifest);
        foreach (var path in keyFiles)
            if (ReadIfExists(path) is { } content)
                using (content)
                    Add(tar, $"{Keys}/{Path.GetFileName(path)}", content, manifest);
    }

    /// <summary>Writes the files into an empty folder, readable by this user only.</summary>
    /// <exception cref="InvalidDataException">The content isn't that of a backup.</exception>
    public static BackupManifest Extract(Stream source, string folder)
    {
        CreateFolder(Path.Combine(folder, Keys));
        BackupManifest? manifest = null;
        using var tar = new TarReader(source, leaveOpen: true);
        while (tar.GetNextEntry() is { } entry)
            if (entry is { Name: Manifest, Length: <= LongestManifest, DataStream: { } json })
                manifest = JsonSerializer.Deserialize<BackupManifest>(json, JsonSerializerOptions.Web);
            else
                Extract(entry, folder);
        // The reader stops at the end of the archive, but only the last chunk proves that the backup is complete.
        source.CopyTo(Stream.Null);
        return manifest ?? throw new InvalidDataException("It has no description.");
    }

    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
    }

    /// <summary>Creates a file that only this user may read.</summary>
    public static FileStream CreateFile(string path)
    {
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        return new FileStream(path, options);
    }

    private static void Extract(TarEntry entry, string folder)
    {
        var name = entry.Name.StartsWith(Keys + "/", StringComparison.Ordinal) ? entry.Name[(Keys.Length + 1)..] : null;
        var isExpected = entry.EntryType == TarEntryType.RegularFile
            && (entry.Name == Database || (name is { Length: > 0 } && name != ".." && name.IndexOfAny(['/', '\\', ':']) < 0 && name == Path.GetFileName(name)));
        if (!isExpected)
            throw new InvalidDataException($"It has an unexpected entry, {entry.Name}.");
        using var file = CreateFile(name is null ? Path.Combine(folder, Database) : Path.Combine(folder, Keys, name));
        entry.DataStream?.CopyTo(file);
        file.Flush(flushToDisk: true);
    }

    private static void Add(TarWriter tar, string name, Stream content, BackupManifest manifest) => tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name)
    {
        DataStream = content, Mode = OwnerOnly, ModificationTime = new DateTimeOffset(manifest.CreatedAt, TimeSpan.Zero),
    });

    /// <summary>A running Portal may remove an old signing key in the meantime.</summary>
    private static MemoryStream? ReadIfExists(string path)
    {
        try
        {
            return new MemoryStream(File.ReadAllBytes(path));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}
