using System.Net;
using Portal.Addresses;

namespace Portal.IpRules;

/// <summary>The part of a rule that is checked for each request.</summary>
/// <param name="TokenId">The token to which it applies; null: all tokens of the account.</param>
internal readonly record struct RuleRange(long? TokenId, AddressRange Range);

/// <summary>The addresses that may use the tokens of an account. Without rules, every address is allowed. If an account
/// has rules and a token has its own as well, both must allow the address.</summary>
public sealed class AddressRules
{
    private readonly AddressSet? _account;
    private readonly Dictionary<long, AddressSet>? _tokens;

    internal AddressRules(IReadOnlyCollection<RuleRange> rules)
    {
        var owners = rules.ToLookup(rule => rule.TokenId, rule => rule.Range);
        _account = owners.Contains(null) ? new AddressSet(owners[null]) : null;
        var ofTokens = owners.Where(owner => owner.Key is not null).ToDictionary(owner => owner.Key!.Value, owner => new AddressSet(owner));
        _tokens = ofTokens.Count > 0 ? ofTokens : null;
    }

    /// <param name="address">The address of the client; null (not an IP connection): allowed only without rules.</param>
    public bool Allow(long tokenId, IPAddress? address)
    {
        if (_account is null && _tokens is null)
            return true;
        return address is null ? _account is null && !_tokens!.ContainsKey(tokenId) : Allow(tokenId, AddressNumber.Of(address));
    }

    public bool Allow(long tokenId, UInt128 address) =>
        AllowByAccount(address) && (_tokens is null || !_tokens.TryGetValue(tokenId, out var own) || own.Contains(address));

    /// <summary>Whether a token without rules of its own may be used from this address.</summary>
    public bool AllowByAccount(UInt128 address) => _account is null || _account.Contains(address);

    /// <summary>The addresses from which a token without rules of its own may be used; null: all.</summary>
    internal AddressSet? AddressesOfAccount => _account;

    /// <summary>The addresses from which the token may be used; null: all.</summary>
    internal AddressSet? AddressesOf(long tokenId) =>
        _tokens?.GetValueOrDefault(tokenId) is not { } own ? _account : _account is null ? own : _account.Intersect(own);

    /// <summary>Whether the rules of the token and those of the account have no address in common, so that no client can use the token.</summary>
    internal bool CutOff(long tokenId) => _account is not null && AddressesOf(tokenId)!.IsEmpty;

    /// <summary>The tokens with rules of their own.</summary>
    internal IReadOnlyCollection<long> TokensWithRules => _tokens?.Keys ?? (IReadOnlyCollection<long>)[];
}
