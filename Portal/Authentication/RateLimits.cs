using System.Net;
using Microsoft.Extensions.Options;
using Portal.Addresses;
using Portal.Tokens;

namespace Portal.Authentication;

/// <summary>Limits the use of each token, and the requests without a valid key from each address.</summary>
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

    /// <summary>Takes a request out of the token's bucket; null if the token has no limit.</summary>
    internal RateStatus? Take(Credential credential) => credential.Limit is { } limit ? _tokens.Take(credential.TokenId, limit) : null;

    /// <summary>Records a failed verification.</summary>
    /// <returns>Refused if the address exceeds its limit. A valid key from it is still accepted.</returns>
    internal RateStatus? TakeFailure(IPAddress? address) => _failures is { } limit ? _addresses.Take(Origin(address), limit) : null;

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
