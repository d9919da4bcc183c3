using Portal.Data;

namespace Portal.Tests.Data;

public sealed class DataDirectoryTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("portal-test-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Open_NoSuchFolder_MakesItForThisUserOnly()
    {
        var path = Path.Combine(_root, "deep", "data");

        using var directory = DataDirectory.Open(path);

        Assert.Equal((path, Path.Combine(path, "portal.db"), Path.Combine(path, "keys")), (directory.Path, directory.Database, directory.Keys));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
    }

    [Fact]
    public void Start_NoFiles_MakesThemForThisUserOnly()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var directory = DataDirectory.Open(_root);
        directory.EnsureComplete();
        directory.EnsureDatabaseFile();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(directory.Keys));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(directory.Database));
    }

    [Fact]
    public void Open_RelativePath_BecomesAbsolute()
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, Path.Combine(_root, "data"));
        using var directory = DataDirectory.Open(relative);
        Assert.Equal(Path.Combine(_root, "data"), directory.Path);
    }

    [Fact]
    public void Open_HeldByAnother_SaysSoUntilThatOneLetsGo()
    {
        using (DataDirectory.Open(_root))
        {
            var refused = Assert.Throws<DataDirectoryException>(() => DataDirectory.Open(_root));
            Assert.Contains("in use by another instance of Portal", refused.Message, StringComparison.Ordinal);
            Assert.Contains(DataDirectory.SettingName, refused.Message, StringComparison.Ordinal);
        }

        DataDirectory.Open(_root).Dispose();
    }

    [Fact]
    public void Open_AFileInItsPlace_SaysSo()
    {
        var file = Path.Combine(_root, "file");
        File.WriteAllText(file, "");

        foreach (var path in (string[])[file, Path.Combine(file, "below")])
            Assert.Contains(DataDirectory.SettingName, Assert.Throws<DataDirectoryException>(() => DataDirectory.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_LockFileThatIsAFolder_IsNotMistakenForAnotherPortal()
    {
        Directory.CreateDirectory(Path.Combine(_root, "portal.lock"));
        Assert.DoesNotContain("another instance of Portal", Assert.Throws<DataDirectoryException>(() => DataDirectory.Open(_root)).Message, StringComparison.Ordinal);
    }
}
