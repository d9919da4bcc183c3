using System.Globalization;
using Portal.Data.KeyRing;

namespace Portal.Commands.Backups;

/// <summary>What a backup contains.</summary>
/// <param name="CreatedAt">UTC.</param>
/// <param name="Version">The version of Portal that created it.</param>
/// <param name="Migration">The last migration of its database.</param>
/// <param name="DatabaseBytes">The size of its database.</param>
/// <param name="KeyRingKeys">The number of keys of the key ring, which encrypt the stored API keys.</param>
/// <param name="SigningKeys">The number of keys that sign assertions for upstreams.</param>
/// <param name="KeyRingEncrypted">Whether a passphrase or certificate encrypts the key ring, which Portal then also needs after a restore.</param>
/// <param name="StoredKeysReadable">Whether the key ring fits the database, so that stored API keys can be viewed after a restore; null: the
/// configuration doesn't have what encrypts the key ring, so nobody knows.</param>
internal sealed record BackupSummary(
    string File, DateTime CreatedAt, string Version, string? Migration, long DatabaseBytes, long Tokens, long Users, long AuditEntries, int KeyRingKeys,
    int SigningKeys, bool KeyRingEncrypted, bool? StoredKeysReadable)
{
    public IEnumerable<string> Describe() =>
    [
        string.Create(CultureInfo.InvariantCulture, $"Created:       {CreatedAt:yyyy-MM-dd HH:mm:ss} UTC by version {Version}"),
        string.Create(CultureInfo.InvariantCulture, $"Database:      {DatabaseBytes:N0} bytes, last migration {Migration ?? "none"}"),
        string.Create(CultureInfo.InvariantCulture, $"Tokens:        {Tokens:N0}"),
        string.Create(CultureInfo.InvariantCulture, $"Users:         {Users:N0}"),
        string.Create(CultureInfo.InvariantCulture, $"Audit entries: {AuditEntries:N0}"),
        string.Create(CultureInfo.InvariantCulture, $"Keys:          {KeyRingKeys:N0} in the key ring, {SigningKeys:N0} for signing"),
        StoredKeysReadable switch
        {
            true when KeyRingEncrypted => "Stored keys:   can be viewed after a restore, with the configured passphrase or certificate of the key ring",
            true => "Stored keys:   can be viewed after a restore",
            null => $"Stored keys:   unknown. The key ring is encrypted, and {KeyRingOptions.Section} does not have the passphrase or certificate. Portal needs it after a restore.",
            false => "Stored keys:   can't be viewed after a restore, because the key ring does not fit the database. They still work. Check the key ring with Portal doctor.",
        },
    ];
}
