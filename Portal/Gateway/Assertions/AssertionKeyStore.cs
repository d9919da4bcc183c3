using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Portal.Data.KeyRing;

namespace Portal.Gateway.Assertions;

/// <summary>Stores the keys beside the key ring, encrypted with it.</summary>
internal sealed partial class AssertionKeyStore(IKeyStore store, IDataProtectionProvider protection, ILogger<AssertionKeyStore> logger) : IEncryptedValues
{
    private const string Prefix = "assertion-", Suffix = ".key", ProtectionPurpose = "Portal.Gateway.Assertions";

    public string Name => "signing keys";

    public string Purpose => ProtectionPurpose;

    /// <summary>The advice for the operator if keys can't be read or stored.</summary>
    public string Advice => store.Advice;

    private readonly IDataProtector _protector = protection.CreateProtector(ProtectionPurpose);

    /// <summary>Reads the keys. A key that can't be read is treated as lost: upstreams fetch its successor automatically.</summary>
    public IReadOnlyList<AssertionKey> Read()
    {
        var keys = new List<AssertionKey>();
        foreach (var stored in store.Read(Prefix, Suffix))
            try
            {
                var key = AssertionKey.Import(_protector.Unprotect(stored.Content));
                key.IsStored = true;
                keys.Add(key);
            }
            catch (CryptographicException exception)
            {
                LogUnreadable(stored.Name, exception.Message);
            }

        return keys;
    }

    /// <inheritdoc cref="IKeyStore.RunAlone"/>
    public void RunAlone(Action action) => store.RunAlone(action);

    public void Write(AssertionKey key)
    {
        store.Write(NameOf(key), _protector.Protect(key.Export()));
        key.IsStored = true;
    }

    public Task<ReencryptedValues> ReencryptAsync(Guid keyId, IProgress<ReencryptedValues>? progress, CancellationToken cancellation)
    {
        var counts = default(ReencryptedValues);
        foreach (var key in store.Read(Prefix, Suffix))
            counts += Reencrypt(key, keyId);
        return Task.FromResult(counts);
    }

    private ReencryptedValues Reencrypt(StoredKey key, Guid keyId)
    {
        if (EncryptedValue.KeyOf(key.Content) == keyId)
            return new ReencryptedValues(1, 0, 0);
        if (EncryptedValue.Reencrypt(_protector, key.Content) is not { } renewed)
            return new ReencryptedValues(1, 0, 1);
        store.Write(key.Name, renewed);
        return new ReencryptedValues(1, 1, 0);
    }

    public void Remove(AssertionKey key) => store.Remove(NameOf(key));

    private static string NameOf(AssertionKey key) => Prefix + key.Id + Suffix;

    [LoggerMessage(Level = LogLevel.Warning, Message = "The signing key {Name} could not be read and is ignored: {Reason}")]
    private partial void LogUnreadable(string name, string reason);
}
