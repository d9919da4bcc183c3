namespace Portal.Data;

/// <summary>The folder that holds the database and the key ring. A backup must include both.</summary>
/// <remarks>Only one process uses it at a time: keys are verified from memory, and a second process wouldn't notice that the first one disabled a
/// token.</remarks>
public sealed partial class DataDirectory : IDisposable
{
    public const string SettingName = "Portal:DataDirectory";

    /// <summary>The error codes by which Linux, macOS and Windows report that another process holds the file.</summary>
    private static readonly int[] SharingViolations = [11, 35, unchecked((int)0x80070020)];

    private readonly FileStream? _lock;

    private DataDirectory(string path, bool locks)
    {
        Path = path;
        if (!locks)
            return;
        EnsureRegular($"The data directory's file {LockFile}", "Remove it", LockFile);
        _lock = new FileStream(LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
    }

    /// <summary>Whether another process may use it at the same time.</summary>
    internal bool IsShared => _lock is null;

    /// <summary>Absolute.</summary>
    public string Path { get; }
    public string Database => System.IO.Path.Combine(Path, "portal.db");
    internal string WalOwner => System.IO.Path.Combine(Path, "portal.wal-owner");
    public string Keys => System.IO.Path.Combine(Path, "keys");
    private string LockFile => System.IO.Path.Combine(Path, "portal.lock");

    /// <summary>Opens the configured folder, or the default one in the user's local application data. If the folder doesn't exist, creates it for
    /// this user only.</summary>
    /// <exception cref="DataDirectoryException">The folder can't be created or written to.</exception>
    public static DataDirectory Open(string? configured)
    {
        var path = PathOf(configured);
        try
        {
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(path);
            else if (!Directory.Exists(path))
                Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw Unusable(path, exception);
        }

        try
        {
            return new DataDirectory(path, locks: true);
        }
        catch (UnauthorizedAccessException)
        {
            throw new DataDirectoryException($"The data directory {path} is not writable: give this user write access, or set {SettingName} to another folder.");
        }
        catch (IOException exception) when (IsInUse(exception))
        {
            throw new DataDirectoryException($"The data directory {path} is in use by another instance of Portal: stop it, or set {SettingName} to another folder.");
        }
        catch (IOException exception)
        {
            throw Unusable(path, exception);
        }
    }

    /// <summary>The configured folder, or the default one, for a command that works while another process may use it. Creates nothing.</summary>
    internal static DataDirectory Beside(string? configured) => new(PathOf(configured), locks: false);

    /// <summary>Lists the files of the key ring and of the signing keys. Files that are being written have other extensions.</summary>
    internal IReadOnlyList<string> FilesOfKeys() => Directory.Exists(Keys)
        ? [.. Directory.GetFiles(Keys).Where(path => System.IO.Path.GetExtension(path) is ".xml" or ".key").Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Replaces a file in the folder of the keys completely or not at all. Only this user may read it.</summary>
    internal void ReplaceKeyFile(string path, Action<Stream> write)
    {
        Directory.CreateDirectory(Keys);
        var temporary = path + ".new";
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        using (var file = new FileStream(temporary, options))
        {
            write(file);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Whether another process, normally Portal itself, has opened the data directory.</summary>
    internal bool IsOpenElsewhere()
    {
        try
        {
            new FileStream(LockFile, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (IOException exception) when (IsInUse(exception))
        {
            return true;
        }
    }

    /// <summary>Whether a file can't be opened because another process holds it.</summary>
    internal static bool IsInUse(IOException exception) => SharingViolations.Contains(exception.HResult);

    /// <summary>Creates an empty database file if there is none. Only this user may read it, even in a folder that others may read. SQLite gives the
    /// files beside it the same permissions.</summary>
    internal void EnsureDatabaseFile()
    {
        if (OperatingSystem.IsWindows() || System.IO.Path.Exists(Database))
            return;
        try
        {
            new FileStream(Database, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }).Dispose();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unusable(Path, exception);
        }
    }

    public void Dispose() => _lock?.Dispose();

    private static DataDirectoryException Unusable(string path, Exception why) =>
        new($"The data directory {path} cannot be used ({why.Message}): set {SettingName} to a folder that this user may write to.");

    /// <summary>The absolute path of the configured folder, or of the default one.</summary>
    internal static string PathOf(string? configured) => string.IsNullOrWhiteSpace(configured) ? DefaultPath() : System.IO.Path.GetFullPath(configured);

    private static string DefaultPath()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return home.Length > 0
            ? System.IO.Path.Combine(home, "Portal")
            : throw new DataDirectoryException($"This user has no home folder: set {SettingName} to a folder that it may write to.");
    }
}

/// <summary>The data directory cannot be used; the message says what to do.</summary>
public sealed class DataDirectoryException(string message) : Exception(message);
