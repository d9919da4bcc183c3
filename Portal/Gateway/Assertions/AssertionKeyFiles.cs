using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Portal.Data;
using Portal.Data.KeyRing;

namespace Portal.Gateway.Assertions;

/// <summary>Stores the keys beside the key ring, encrypted with it, so that one backup contains both.</summary>
internal sealed partial class AssertionKeyFiles(DataDirectory directory, IDataProtectionProvider protection, ILogger<AssertionKeyFiles> logger) : IEncryptedValues
{
    private const string Prefix = "assertion-", Suffix = ".key", ProtectionPurpose = "Portal.Gateway.Assertions";

    public string Name => "signing keys";

    public string Purpose => ProtectionPurpose;

    /// <summary>The advice for the operator if keys can't be read or stored.</summary>
    public string Advice => $"Give this user read and write access to {directory.Keys} and the files in it, and check that the disk is not full.";

    private readonly IDataProtector _protector = protection.CreateProtector(ProtectionPurpose);

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
        directory.ReplaceKeyFile(PathOf(key), file => file.Write(_protector.Protect(key.Export())));
        key.IsStored = true;
    }

    public Task<ReencryptedValues> ReencryptAsync(Guid keyId, IProgress<ReencryptedValues>? progress, CancellationToken cancellation)
    {
        var counts = default(ReencryptedValues);
        foreach (var path in Directory.Exists(directory.Keys) ? Directory.GetFiles(directory.Keys, Prefix + "*" + Suffix) : [])
            counts += Reencrypt(path, keyId);
        return Task.FromResult(counts);
    }

    private ReencryptedValues Reencrypt(string path, Guid keyId)
    {
        byte[] stored;
        try
        {
            stored = File.ReadAllBytes(path);
        }
        catch (FileNotFoundException)
        {
            // A running Portal has removed it, because it is too old.
            return default;
        }

        if (EncryptedValue.KeyOf(stored) == keyId)
            return new ReencryptedValues(1, 0, 0);
        if (EncryptedValue.Reencrypt(_protector, stored) is not { } renewed)
            return new ReencryptedValues(1, 0, 1);
        directory.ReplaceKeyFile(path, file => file.Write(renewed));
        return new ReencryptedValues(1, 1, 0);
    }

    public void Remove(AssertionKey key) => File.Delete(PathOf(key));

    private string PathOf(AssertionKey key) => Path.Combine(directory.Keys, Prefix + key.Id + Suffix);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The signing key {Path} could not be read and is ignored: {Reason}")]
    private partial void LogUnreadable(string path, string reason);
}
