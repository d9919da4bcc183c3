namespace Portal.Data.KeyRing;

/// <summary>Keeps the ID of the new key in the file <c>portal.rekey</c> of the data directory, which one process opens at a time.</summary>
internal sealed class RotationFile : IRotationMarker
{
    private readonly FileStream _file;

    private RotationFile(FileStream file) => _file = file;

    /// <returns>Null if another run is at work.</returns>
    public static RotationFile? TryOpen(DataDirectory directory)
    {
        try
        {
            return new RotationFile(new FileStream(Path.Combine(directory.Path, "portal.rekey"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException exception) when (DataDirectory.IsInUse(exception))
        {
            return null;
        }
    }

    public Guid? Read()
    {
        _file.Position = 0;
        using var reader = new StreamReader(_file, leaveOpen: true);
        return Guid.TryParse(reader.ReadToEnd(), out var id) ? id : null;
    }

    public void Write(Guid keyId)
    {
        _file.SetLength(0);
        using (var writer = new StreamWriter(_file, leaveOpen: true))
            writer.Write(keyId);
        _file.Flush(flushToDisk: true);
    }

    public void Remove()
    {
        _file.Dispose();
        File.Delete(_file.Name);
    }

    public void Dispose() => _file.Dispose();
}
