using System.Net;
using Microsoft.Extensions.Options;
using Portal.Addresses;
using Portal.Authentication.SharedLimits;
using Portal.Data.Nodes;
using Portal.Tokens;

namespace Portal.Authentication;

/// <summary>Limits the use of each token, and the requests without a valid key from each address.</summary>
/// <remarks>Kept in memory: a restart begins with full buckets. Several nodes share the limits of tokens through a store, if there is one, see <see
/// cref="SharedBuckets"/>. Otherwise, and for addresses, each node applies its share of the limit.</remarks>
public sealed class RateLimits : IDisposable
{
    private const int MostTokens = 1_000_000, MostAddresses = 100_000;

    private readonly RateBuckets<long> _tokens;
    private readonly RateBuckets<UInt128> _addresses;
    private readonly RateLimit? _failures;
    private readonly INodeCount _nodes;
    private readonly SharedBuckets? _shared;

    /// <param name="shared">Null: there is no store.</param>
    internal RateLimits(IOptions<TokenOptions> options, INodeCount nodes, SharedBuckets? shared, TimeProvider clock)
    {
        (_failures, _nodes, _shared) = (options.Value.FailureLimit, nodes, shared);
        (_tokens, _addresses) = (new(clock, MostTokens), new(clock, MostAddresses));
    }

    /// <summary>Takes a request out of the token's bucket; null if the token has no limit.</summary>
    internal RateStatus? Take(Credential credential) => credential.Limit is not { } limit ? null
        : _shared?.Take(credential.TokenId, limit) ?? _tokens.Take(credential.TokenId, limit, _nodes.ServingKeys);

    /// <summary>Records a failed verification.</summary>
    /// <returns>Refused if the address exceeds its limit. A valid key from it is still accepted.</returns>
    internal RateStatus? TakeFailure(IPAddress? address) => _failures is { } limit ? _addresses.Take(Origin(address), limit, _nodes.ServingKeys) : null;

    public void Dispose()
    {
        _tokens.Dispose();
        _addresses.Dispose();
    }

    /// <summary>An IPv4 address, or the network of an IPv6 address: each IPv6 host has any number of addresses.</summary>
    private static UInt128 Origin(IPAddress? address)
    {
        if (address is null)
            return UInt128.Zero;
        var number = AddressNumber.Of(address);
        return AddressNumber.IsIPv4(number) ? number : number >> 64 << 64;
    }
}
