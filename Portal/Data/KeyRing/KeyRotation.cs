using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;

namespace Portal.Data.KeyRing;

/// <summary>Replaces the key of the key ring: creates a new one, encrypts all stored values with it, and removes the former ones.</summary>
/// <remarks>The key store keeps the ID of the new key until everything is done. A run that is interrupted is continued with the same key.</remarks>
internal sealed class KeyRotation(IKeyStore store, IKeyManager keys, IEnumerable<IEncryptedValues> stores, IDataProtectionProvider protection, IOptions<KeyManagementOptions> options)
{
    /// <summary>A running Portal writes with its current key until it has noticed the new one. After that, a pass finds nothing.</summary>
    private const int MostPasses = 5;

    /// <summary>Chooses the key: that of an interrupted run, or a new one.</summary>
    /// <returns>Null if another run is at work.</returns>
    public RotationRun? TryBegin()
    {
        if (store.TryBeginRotation() is not { } marker)
            return null;
        try
        {
            if (marker.Read() is { } interrupted && keys.GetAllKeys().Any(key => key.KeyId == interrupted && !key.IsRevoked))
                return new RotationRun(interrupted, IsContinued: true, marker);
            // The framework compares the dates of keys with the system's time, not with Portal's.
            var now = TimeProvider.System.GetUtcNow();
            var created = keys.CreateNewKey(now, now + options.Value.NewKeyLifetime).KeyId;
            marker.Write(created);
            return new RotationRun(created, IsContinued: false, marker);
        }
        catch
        {
            marker.Dispose();
            throw;
        }
    }

    /// <summary>Whether this process encrypts with the key.</summary>
    public bool IsInUse(Guid keyId) => EncryptedValue.KeyOf(protection.CreateProtector("Portal.Data.KeyRotation").Protect([0])) == keyId;

    /// <summary>Encrypts all stored values with the key.</summary>
    /// <param name="report">Gets the name and the counts of each kind of value while it is at work.</param>
    /// <exception cref="TimeoutException">Another process continues to use a former key.</exception>
    public async Task<IReadOnlyList<(string Name, ReencryptedValues Values)>> ReencryptAsync(
        Guid keyId, Action<string, ReencryptedValues> report, CancellationToken cancellation)
    {
        var results = new List<(string, ReencryptedValues)>();
        foreach (var store in stores.OrderBy(store => store.Name, StringComparer.Ordinal))
        {
            var values = await store.ReencryptAsync(keyId, new Report(store.Name, report), cancellation);
            for (var (pass, last) = (1, values); last.Changed > 0; pass++)
            {
                if (pass > MostPasses)
                    throw new TimeoutException();
                last = await store.ReencryptAsync(keyId, null, cancellation);
                values = last with { Changed = values.Changed + last.Changed };
            }

            results.Add((store.Name, values));
        }

        return results;
    }

    /// <summary>Removes all keys of the key ring except one.</summary>
    /// <returns>The number of removed keys.</returns>
    public int RemoveFormer(Guid keyId)
    {
        var former = store.ReadRing().Select(key => key.Name).Where(name => !name.Equals($"key-{keyId:D}.xml", StringComparison.OrdinalIgnoreCase)).ToList();
        former.ForEach(store.Remove);
        return former.Count;
    }

    private sealed class Report(string name, Action<string, ReencryptedValues> report) : IProgress<ReencryptedValues>
    {
        void IProgress<ReencryptedValues>.Report(ReencryptedValues value) => report(name, value);
    }
}

/// <summary>A run of a <see cref="KeyRotation"/>. No other one can begin until it is disposed.</summary>
/// <param name="KeyId">The new key.</param>
/// <param name="IsContinued">Whether an earlier run was interrupted.</param>
internal sealed record RotationRun(Guid KeyId, bool IsContinued, IRotationMarker Marker) : IDisposable
{
    /// <summary>Everything is done, so the next run uses another key.</summary>
    public void Complete() => Marker.Remove();

    public void Dispose() => Marker.Dispose();
}
