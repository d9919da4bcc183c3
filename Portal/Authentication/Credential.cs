using System.Security.Cryptography;
using Portal.Catalog;
using Portal.Data;
using Portal.Tokens;

namespace Portal.Authentication;

/// <summary>What must be known of a token to judge a request: immutable, kept in memory, replaced when the token changes.</summary>
public sealed class Credential
{
    private static readonly byte[] HashOfNobody = RandomNumberGenerator.GetBytes(ApiKey.HashLength);

    private readonly Secret[] _secrets;
    private readonly UInt128 _modules;
    private readonly Refusal? _refusal;
    private readonly Refusal _expired;

    internal Credential(Token token, ModuleCatalog catalog)
    {
        (TokenId, Handle, Name, AccountId, Status) = (token.Id, token.Handle, token.Name, token.AccountId, token.Status);
        AllModules = token.AllModules;
        (_refusal, _expired) = (Refusals.For(Handle, Status), Refusals.Expired(Handle));
        foreach (var permission in token.Permissions)
            if (catalog.FindModule(permission.ModuleId) is { } module)
                _modules |= UInt128.One << module.Index;
        _secrets = [.. token.Secrets.OrderByDescending(secret => secret.Id).Select(secret => new Secret(secret.Id, secret.Hash, secret.EndsAt))];
    }

    public long TokenId { get; }
    public string Handle { get; }
    public string Name { get; }
    public string AccountId { get; }

    /// <summary>The name as a header can carry it: UTF-8, percent-encoded but for letters, digits and <c>-._~</c>.</summary>
    public string EncodedName => field ??= Uri.EscapeDataString(Name);

    public StoredStatus Status { get; }

    /// <summary>Also modules that the catalogue gains later.</summary>
    public bool AllModules { get; }

    public bool MayUse(Module module) => AllModules || (_modules >> module.Index & UInt128.One) != 0;

    /// <summary>Compares with every secret, retired ones too, so that the time tells nothing.</summary>
    internal SecretMatch Match(ReadOnlySpan<byte> hash, DateTime now)
    {
        var match = new SecretMatch(SecretState.Wrong, 0);
        for (var i = 0; i < _secrets.Length; i++)
        {
            var secret = _secrets[i];
            if (CryptographicOperations.FixedTimeEquals(secret.Hash, hash))
                match = new SecretMatch(
                    secret.EndsAt is null || secret.EndsAt > now ? SecretState.Live : i == 0 ? SecretState.Expired : SecretState.Retired, secret.Id);
        }

        return match;
    }

    /// <summary>Takes the time of a comparison for a handle that nobody has.</summary>
    internal static SecretMatch MatchNobody(ReadOnlySpan<byte> hash)
    {
        CryptographicOperations.FixedTimeEquals(HashOfNobody, hash);
        return new SecretMatch(SecretState.Wrong, 0);
    }

    /// <summary>What the token's state has against a request whose secret is one of the token's; null: nothing.</summary>
    internal Refusal? RefusalFor(SecretState state) => _refusal ?? (state == SecretState.Expired ? _expired : null);

    private readonly record struct Secret(long Id, byte[] Hash, DateTime? EndsAt);
}

/// <summary>How a secret that was sent compares with those of the token.</summary>
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
