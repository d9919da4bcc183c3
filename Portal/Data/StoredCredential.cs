namespace Portal.Data;

/// <summary>The stored data of a token that access decisions need.</summary>
/// <param name="RateLimit">As <see cref="Token.RateLimit"/>.</param>
/// <param name="Secrets">Live and retired, newest first.</param>
/// <param name="ModuleIds">The modules that were granted by name.</param>
public sealed record StoredCredential(
    long TokenId, string AccountId, string Handle, string Name, StoredStatus Status, bool AllModules, string? RateLimit,
    IReadOnlyList<StoredSecret> Secrets, IReadOnlySet<string> ModuleIds)
{
    /// <summary>As <see cref="Token.StartsAt"/>.</summary>
    public DateTime? StartsAt { get; init; }
}

/// <param name="EndsAt">UTC; null if it doesn't end.</param>
/// <param name="HasEnded">Whether its end is recorded; the clock no longer matters then.</param>
public readonly record struct StoredSecret(long Id, byte[] Hash, DateTime? EndsAt, bool HasEnded = false);

/// <summary>Reads the stored credential of a token.</summary>
public interface ICredentialReader
{
    /// <returns>Null if no token has the handle.</returns>
    ValueTask<StoredCredential?> FindAsync(string handle, CancellationToken cancellation);
}
