using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Portal.Catalog;
using Portal.Data;
using Portal.Tokens;
using Portal.Wire;

namespace Portal.Authentication;

/// <summary>The data of a token that access decisions need. It is immutable, stays in memory, and is replaced when the token changes.</summary>
/// <remarks>There may be a million of them, so they contain no text that can be created on demand.</remarks>
public sealed class Credential
{
    private readonly Secret _newest;
    private readonly Secret[]? _older;
    private readonly UInt128 _modules;
    private readonly int _handle;
    /// <summary>A <see cref="Refusal"/>, or a <see cref="StartRefusal"/>; null: none was needed yet.</summary>
    private object? _refusal;

    /// <param name="defaultLimit">The limit of tokens that have none of their own; null if there is none.</param>
    /// <param name="accountId">The token's account, as an instance that all credentials share.</param>
    internal Credential(StoredCredential stored, ModuleCatalog catalog, RateLimit? defaultLimit, string accountId)
    {
        (TokenId, _handle, AccountId, Status) = (stored.TokenId, ApiKey.NumberOf(stored.Handle), accountId, stored.Status);
        EncodedName = Uri.EscapeDataString(stored.Name);
        AllModules = stored.AllModules;
        Limit = RateLimitChoice.Restore(stored.RateLimit).Or(defaultLimit);
        foreach (var id in stored.ModuleIds)
            if (catalog.FindModule(id) is { } module)
                _modules |= UInt128.One << module.Index;
        Secret[] secrets = [.. stored.Secrets.Select(secret => new Secret(secret, stored.Status))];
        if (Status == StoredStatus.Pending && stored.StartsAt is { } start)
            _refusal = new StartRefusal(Refusals.NotStarted(Handle, start), start);
        if (secrets.Length > 0)
            _newest = secrets[0];
        if (secrets.Length > 1)
            _older = secrets[1..];
    }

    public long TokenId { get; }
    public string Handle => ApiKey.HandleOf(_handle);

    /// <summary>See <see cref="ApiKey.NumberOf"/>.</summary>
    internal int Number => _handle;

    public string Name => Uri.UnescapeDataString(EncodedName);
    public string AccountId { get; }

    /// <summary>The name in a form for headers: UTF-8, percent-encoded except for letters, digits and <c>-._~</c>.</summary>
    public string EncodedName { get; }

    public StoredStatus Status { get; }

    /// <summary>Whether the token may use every module, including those that are added to the catalog later.</summary>
    public bool AllModules { get; }

    /// <summary>Null if there is none.</summary>
    public RateLimit? Limit { get; }

    public bool MayUse(Module module) => AllModules || (_modules >> module.Index & UInt128.One) != 0;

    /// <summary>Compares with every secret, including retired ones, so that the duration reveals nothing.</summary>
    internal SecretMatch Match(ReadOnlySpan<byte> hash, DateTime now)
    {
        var match = new SecretMatch(SecretState.Wrong, 0);
        if (_newest.Is(hash))
            match = new SecretMatch(_newest.LivesAt(now) ? SecretState.Live : SecretState.Expired, _newest.Id);
        if (_older is not null)
            foreach (ref readonly var secret in _older.AsSpan())
                if (secret.Is(hash))
                    match = new SecretMatch(secret.LivesAt(now) ? SecretState.Live : SecretState.Retired, secret.Id);
        return match;
    }

    /// <summary>The current state of a secret that matched before.</summary>
    internal SecretState StateOf(long secretId, DateTime now)
    {
        if (_newest.Id == secretId)
            return _newest.LivesAt(now) ? SecretState.Live : SecretState.Expired;
        if (_older is not null)
            foreach (ref readonly var secret in _older.AsSpan())
                if (secret.Id == secretId)
                    return secret.LivesAt(now) ? SecretState.Live : SecretState.Retired;
        return SecretState.Wrong;
    }

    /// <summary>Finds a secret that was retired at that time.</summary>
    /// <param name="id">See <see cref="SentKey.IdOf"/>.</param>
    /// <returns>The ID of the secret; null if there is none.</returns>
    internal long? FindRetired(ulong id, DateTime at)
    {
        foreach (ref readonly var secret in _older.AsSpan())
            if (secret.Is(id) && !secret.LivesAt(at))
                return secret.Id;
        return null;
    }

    /// <summary>When a secret ends, in ticks; 0 if it has ended.</summary>
    /// <remarks>All secrets of a deleted token have ended. The refusal says that it is deleted only for secrets that would otherwise still be
    /// live.</remarks>
    internal static long EndOf(in StoredSecret secret, StoredStatus status) =>
        secret.HasEnded && status != StoredStatus.Deleted ? 0 : secret.EndsAt?.Ticks ?? long.MaxValue;

    /// <summary>The reason to refuse a request with a secret of this token because of the token's state; null if there is none.</summary>
    internal Refusal? RefusalFor(SecretState state, DateTime now)
    {
        if (Status == StoredStatus.Active && state != SecretState.Expired)
            return null;
        if (_refusal is StartRefusal start)
            return now < start.At ? start.Refusal : state == SecretState.Expired ? Refusals.Expired(Handle) : null;
        // A credential has at most one other refusal: the status of an inactive one doesn't change, and an active one can only expire.
        return (Refusal)(_refusal ??= Refusals.For(Handle, Status) ?? Refusals.Expired(Handle));
    }

    /// <summary>The refusal until a pending token starts. Kept in the place of a refusal, because few tokens are pending.</summary>
    /// <param name="At">UTC.</param>
    private sealed record StartRefusal(Refusal Refusal, DateTime At);

    private readonly struct Secret(StoredSecret secret, StoredStatus status)
    {
        private readonly long _endsAt = EndOf(secret, status);
        private readonly Hash _hash = Hash.Of(secret.Hash);

        public long Id { get; } = secret.Id;

        public bool Is(ReadOnlySpan<byte> hash) => CryptographicOperations.FixedTimeEquals(_hash, hash);

        public bool Is(ulong id) => SentKey.IdOf(_hash) == id;

        public bool LivesAt(DateTime now) => _endsAt > now.Ticks;
    }

    /// <summary>The bytes of a hash, stored inline to avoid an array for each secret.</summary>
    [InlineArray(ApiKey.HashLength)]
    private struct Hash
    {
        private byte _first;

        public static Hash Of(ReadOnlySpan<byte> bytes)
        {
            var hash = default(Hash);
            bytes.CopyTo(hash);
            return hash;
        }
    }
}

/// <summary>The state of a secret that was sent, compared with those of the token.</summary>
internal enum SecretState
{
    Wrong,

    /// <summary>Accepted.</summary>
    Live,

    /// <summary>The newest one, past its expiration.</summary>
    Expired,

    /// <summary>Replaced by a newer one, and ended.</summary>
    Retired,
}

internal readonly record struct SecretMatch(SecretState State, long SecretId);
