using System.Net;
using Microsoft.Extensions.Options;
using Portal.Addresses;

namespace Portal.Gateway.ForwardAuth;

/// <summary>The proxies that may ask, and the addresses that belong to proxies rather than clients.</summary>
internal sealed class ForwardAuthClients
{
    /// <summary>The setting with the proxies in front of Portal. Their addresses aren't clients' either.</summary>
    private const string TrustedProxies = "Portal:TrustedProxies";

    private readonly AddressSet _askers, _proxies;

    public ForwardAuthClients(IOptions<ForwardAuthOptions> options, IConfiguration configuration)
    {
        var askers = options.Value.Askers;
        Any = askers.Count > 0;
        _askers = new AddressSet(Parse(askers));
        _proxies = new AddressSet(Parse([.. askers, .. configuration.GetSection(TrustedProxies).GetChildren().Select(entry => entry.Value)]));
    }

    /// <summary>Whether any proxy may ask. If not, the endpoint isn't available.</summary>
    public bool Any { get; }

    /// <param name="peer">The remote address of the connection, regardless of headers; null if it isn't an IP connection.</param>
    public bool MayAsk(IPAddress? peer) => peer is not null && _askers.Contains(AddressNumber.Of(peer));

    /// <summary>Whether the address is a proxy's, so that the client's is further left in the chain of forwarded addresses.</summary>
    public bool IsProxy(IPAddress address) => _proxies.Contains(AddressNumber.Of(address));

    /// <summary>Parses addresses, and skips invalid values: <c>ForwardAuthValidator</c> reports them at startup.</summary>
    private static List<AddressRange> Parse(IEnumerable<string?> texts)
    {
        var ranges = new List<AddressRange>();
        foreach (var text in texts)
            if (AddressRangeFormat.TryParse(text, out var range, out _))
                ranges.Add(range);
        return ranges;
    }
}
