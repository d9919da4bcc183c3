using System.Net;
using Microsoft.Extensions.Options;
using Portal.Addresses;
using Portal.Tokens;

namespace Portal.Authentication;

/// <summary>How often a token may be used, and how often an address may come without a right key.</summary>
/// <remarks>Kept in memory: a restart begins with full buckets.</remarks>
public sealed class RateLimits : IDisposable
{
    private const int MostTokens = 1_000_000, MostAddresses = 100_000;

    private readonly RateBuckets<long> _tokens;
    private readonly RateBuckets<UInt128> _addresses;
    private readonly RateLimit? _failures;

    public RateLimits(IOptions<TokenOptions> options, TimeProvider clock)
    {
        _failures = options.Value.FailureLimit;
        (_tokens, _addresses) = (new(clock, MostTokens), new(clock, MostAddresses));
    }

    /// <summary>Takes a request out of what the token has left; null: it has no limit.</summary>
    internal RateStatus? Take(Credential credential) => credential.Limit is { } limit ? _tokens.Take(credential.TokenId, limit) : null;

    /// <summary>Notes a failed verification.</summary>
    /// <returns>Refused: the address is past its limit. A right key is still accepted from there.</returns>
    internal RateStatus? TakeFailure(IPAddress? address) => _failures is { } limit ? _addresses.Take(Origin(address), limit) : null;

    public void Dispose()
    {
        _tokens.Dispose();
        _addresses.Dispose();
    }

    /// <summary>An IPv4 address; of IPv6 the network, because each of its hosts has any number of addresses.</summary>
    private static UInt128 Origin(IPAddress? address)
    {
        if (address is null)
            return UInt128.Zero;
        var number = AddressNumber.Of(address);
        return AddressNumber.IsIPv4(number) ? number : number >> 64 << 64;
    }
}
