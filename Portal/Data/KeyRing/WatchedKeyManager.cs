using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;

namespace Portal.Data.KeyRing;

/// <summary>Lets the key ring be read again when a command has changed its files. The framework reads them once a day.</summary>
internal sealed class WatchedKeyManager(XmlKeyManager files) : IKeyManager, IDisposable
{
    private CancellationTokenSource _changed = new();

    public IKey CreateNewKey(DateTimeOffset activationDate, DateTimeOffset expirationDate) => files.CreateNewKey(activationDate, expirationDate);

    public IReadOnlyCollection<IKey> GetAllKeys() => files.GetAllKeys();

    public CancellationToken GetCacheExpirationToken() => CancellationTokenSource.CreateLinkedTokenSource(files.GetCacheExpirationToken(), _changed.Token).Token;

    public void RevokeKey(Guid keyId, string? reason = null) => files.RevokeKey(keyId, reason);

    public void RevokeAllKeys(DateTimeOffset revocationDate, string? reason = null) => files.RevokeAllKeys(revocationDate, reason);

    /// <summary>The files have changed.</summary>
    public void ReadAgain()
    {
        // Not disposed: another thread may be about to use its token.
        Interlocked.Exchange(ref _changed, new CancellationTokenSource()).Cancel();
    }

    public void Dispose() => _changed.Dispose();
}

/// <summary>Looks for changes of the key ring's files every second.</summary>
/// <remarks>Polls, because not every file system reports changes.</remarks>
internal sealed class KeyRingWatch(DataDirectory directory, WatchedKeyManager keys, IDataProtectionProvider protection) : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly IDataProtector _protector = protection.CreateProtector("Portal.Data.KeyRingWatch");
    private string _seen = "";

    /// <summary>Reads the key ring again if its files have changed since the last call.</summary>
    public void Check()
    {
        var found = string.Join('\n', directory.KeyFiles.Order(StringComparer.Ordinal).Select(path => $"{path} {File.GetLastWriteTimeUtc(path).Ticks}"));
        if (found == _seen)
            return;
        if (_seen.Length > 0)
            keys.ReadAgain();
        _seen = found;
        // The framework reads the files in the background after the first use of an outdated key ring.
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
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
            {
                // What needs the key ring reports that it can't be used.
            }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
