using System.Data.Common;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;

namespace Portal.Data.KeyRing;

/// <summary>Lets the key ring be read again when a command or another node has changed it. The framework reads it once a day.</summary>
internal sealed class WatchedKeyManager(XmlKeyManager keys) : IKeyManager, IDisposable
{
    private CancellationTokenSource _changed = new();

    public IKey CreateNewKey(DateTimeOffset activationDate, DateTimeOffset expirationDate) => keys.CreateNewKey(activationDate, expirationDate);

    public IReadOnlyCollection<IKey> GetAllKeys() => keys.GetAllKeys();

    public CancellationToken GetCacheExpirationToken() => CancellationTokenSource.CreateLinkedTokenSource(keys.GetCacheExpirationToken(), _changed.Token).Token;

    public void RevokeKey(Guid keyId, string? reason = null) => keys.RevokeKey(keyId, reason);

    public void RevokeAllKeys(DateTimeOffset revocationDate, string? reason = null) => keys.RevokeAllKeys(revocationDate, reason);

    /// <summary>The keys have changed.</summary>
    public void ReadAgain()
    {
        // Not disposed: another thread may be about to use its token.
        Interlocked.Exchange(ref _changed, new CancellationTokenSource()).Cancel();
    }

    public void Dispose() => _changed.Dispose();
}

/// <summary>Looks for changes of the key ring every second.</summary>
/// <remarks>Polls, because not every file system reports changes.</remarks>
internal sealed class KeyRingWatch(IKeyStore store, WatchedKeyManager keys, IDataProtectionProvider protection) : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly IDataProtector _protector = protection.CreateProtector("Portal.Data.KeyRingWatch");
    private string _seen = "";

    /// <summary>Reads the key ring again if it has changed since the last call.</summary>
    public void Check()
    {
        var found = store.RingVersion;
        if (found == _seen)
            return;
        if (_seen.Length > 0)
            keys.ReadAgain();
        _seen = found;
        // The framework reads the keys in the background after the first use of an outdated key ring.
        _protector.Protect([0]);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval);
        do
            try
            {
                Check();
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException or DbException)
            {
                // What needs the key ring reports that it can't be used.
            }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
