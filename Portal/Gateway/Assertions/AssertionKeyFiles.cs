using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Portal.Data;

namespace Portal.Gateway.Assertions;

/// <summary>Stores the keys beside the key ring, encrypted with it, so that one backup contains both.</summary>
internal sealed partial class AssertionKeyFiles(DataDirectory directory, IDataProtectionProvider protection, ILogger<AssertionKeyFiles> logger)
{
    private const string Prefix = "assertion-", Suffix = ".key";

    /// <summary>The advice for the operator if keys can't be read or stored.</summary>
    public string Advice => $"Give this user read and write access to {directory.Keys} and the files in it, and check that the disk is not full.";

    private readonly IDataProtector _protector = protection.CreateProtector("Portal.Gateway.Assertions");

    /// <summary>Reads the keys. A key that can't be read is treated as lost: upstreams fetch its successor automatically.</summary>
    public IReadOnlyList<AssertionKey> Read()
    {
        if (!Directory.Exists(directory.Keys))
            return [];
        var keys = new List<AssertionKey>();
        foreach (var path in Directory.EnumerateFiles(directory.Keys, Prefix + "*" + Suffix))
        {
            try
            {
                var key = AssertionKey.Import(_protector.Unprotect(File.ReadAllBytes(path)));
                key.IsStored = true;
                keys.Add(key);
            }
            catch (CryptographicException exception)
            {
                LogUnreadable(path, exception.Message);
            }
        }

        return keys;
    }

    public void Write(AssertionKey key)
    {
        var (path, temporary) = (PathOf(key), PathOf(key) + ".new");
        Directory.CreateDirectory(directory.Keys);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(temporary, options))
        {
            file.Write(_protector.Protect(key.Export()));
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
        key.IsStored = true;
    }

    public void Remove(AssertionKey key) => File.Delete(PathOf(key));

    private string PathOf(AssertionKey key) => Path.Combine(directory.Keys, Prefix + key.Id + Suffix);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The signing key {Path} could not be read and is ignored: {Reason}")]
    private partial void LogUnreadable(string path, string reason);
}
