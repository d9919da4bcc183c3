using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Data.KeyRing;
using Portal.Tokens;

namespace Portal.Hosting;

/// <summary>Checks at startup whether the key ring can be used, and whether it belongs to the database.</summary>
/// <remarks>The database contains a proof that the key ring has encrypted. If the proof can't be decrypted, the key ring was lost or belongs to
/// another installation. API keys still work then, so Portal starts and logs the problem.</remarks>
internal sealed partial class KeyRingCheck(
    IKeyStore store, IDataProtectionProvider protection, SecretProtector secrets, IDbContextFactory<PortalDbContext> contexts,
    ILogger<KeyRingCheck> logger)
{
    /// <summary>The number of the oldest and of the newest stored keys to try.</summary>
    private const int Samples = 20;

    /// <summary>The purpose of the proof that the database contains.</summary>
    internal const string Purpose = "Portal.Installation.v1";

    private readonly IDataProtector _protector = protection.CreateProtector(Purpose);

    /// <summary>Whether stored keys can no longer be decrypted.</summary>
    public bool IsLost { get; private set; }

    /// <exception cref="DataDirectoryException">The key ring can't be used; the message says what to do.</exception>
    public async Task RunAsync()
    {
        var proof = TryProtect();
        await using var context = await contexts.CreateDbContextAsync();
        var known = await context.Installations.Select(installation => installation.KeyRingProof).SingleOrDefaultAsync();
        if (known is not null && CanDecrypt(known))
            return;
        IsLost = await AnyUnreadableAsync(context);
        if (IsLost)
        {
            LogLost(store.Location);
            return;
        }

        await InstallationStore.KeepProofAsync(context, proof, CancellationToken.None);
    }

    /// <summary>Whether the key ring can decrypt the stored keys. Changes nothing.</summary>
    public async Task<bool> FitsAsync(CancellationToken cancellation = default)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var known = await context.Installations.Select(installation => installation.KeyRingProof).SingleOrDefaultAsync(cancellation);
        return (known is not null && CanDecrypt(known)) || !await AnyUnreadableAsync(context);
    }

    private byte[] TryProtect()
    {
        try
        {
            var proof = _protector.Protect(Guid.CreateVersion7().ToByteArray());
            _protector.Unprotect(proof);
            return proof;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException && DatabaseErrors.Find(exception) is null)
        {
            throw new DataDirectoryException(
                $"The key ring in {store.Location} cannot be used ({exception.GetBaseException().Message.TrimEnd('.')}): restore it from the backup, then start Portal again. {store.Advice}");
        }
    }

    private bool CanDecrypt(byte[] proof)
    {
        try
        {
            _protector.Unprotect(proof);
            return true;
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            return false;
        }
    }

    private async Task<bool> AnyUnreadableAsync(PortalDbContext context)
    {
        var stored =
            from token in context.Tokens
            from secret in token.Secrets
            where secret.Protected != null
            select new { secret.Id, token.Handle, Copy = secret.Protected! };
        var oldest = await stored.OrderBy(secret => secret.Id).Take(Samples).ToListAsync();
        var newest = await stored.OrderByDescending(secret => secret.Id).Take(Samples).ToListAsync();
        return oldest.Concat(newest).Any(secret => secrets.Unprotect(secret.Handle, secret.Copy) is null);
    }

    [LoggerMessage(Level = LogLevel.Error, Message =
        "The keys in the database were encrypted with a different key ring than the one in {Location}. They still work, but can't be viewed, and everyone must "
        + "sign in again. Restore the key ring from the backup and start Portal again, or rotate the tokens whose keys you want to view")]
    private partial void LogLost(string location);
}
