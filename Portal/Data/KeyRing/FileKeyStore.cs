using System.Globalization;

namespace Portal.Data.KeyRing;

/// <summary>Stores each key in a file of the data directory, beside the database, so that one backup contains both.</summary>
internal sealed class FileKeyStore(DataDirectory directory) : IKeyStore
{
    public bool IsShared => false;

    public string Location => directory.Keys;

    public string Advice => $"Give this user read and write access to {directory.Keys} and the files in it, and check that the disk is not full.";

    public string RemovalAdvice(string? name) => name is null ? "move the keys away" : "move it away";

    public string RingVersion => string.Join('\n', directory.KeyFiles.Order(StringComparer.Ordinal)
        .Select(path => string.Create(CultureInfo.InvariantCulture, $"{path} {File.GetLastWriteTimeUtc(path).Ticks}")));

    public IReadOnlyList<StoredKey> Read(string prefix, string suffix)
    {
        if (!Directory.Exists(directory.Keys))
            return [];
        var keys = new List<StoredKey>();
        foreach (var path in Directory.EnumerateFiles(directory.Keys, prefix + "*" + suffix))
            try
            {
                keys.Add(new StoredKey(Path.GetFileName(path), File.ReadAllBytes(path)));
            }
            catch (FileNotFoundException)
            {
                // Another process has removed it in the meantime.
            }

        return keys;
    }

    public void Write(string name, byte[] content) => directory.ReplaceKeyFile(Path.Combine(directory.Keys, name), file => file.Write(content));

    public void Remove(string name) => File.Delete(Path.Combine(directory.Keys, name));

    public void RunAlone(Action action) => action();

    IRotationMarker? IKeyStore.TryBeginRotation() => RotationFile.TryOpen(directory);
}
