using System.Net;
using Microsoft.Extensions.Options;
using Portal.Addresses;

namespace Portal.Gateway.ForwardAuth;

/// <summary>The proxies that may ask, and those whose addresses are not a client's.</summary>
internal sealed class ForwardAuthClients
{
    /// <summary>Where proxies in front of Portal are named, whose word on a client's address is taken too.</summary>
    private const string TrustedProxies = "Portal:TrustedProxies";

    private readonly AddressSet _askers, _proxies;

    public ForwardAuthClients(IOptions<ForwardAuthOptions> options, IConfiguration configuration)
    {
        var askers = options.Value.Askers;
        Any = askers.Count > 0;
        _askers = new AddressSet(Parse(askers));
        _proxies = new AddressSet(Parse([.. askers, .. configuration.GetSection(TrustedProxies).GetChildren().Select(entry => entry.Value)]));
    }

    /// <summary>False: nobody may ask, and nothing answers.</summary>
    public bool Any { get; }

    /// <param name="peer">Who has made the connection, whatever its headers say; null: not an IP connection.</param>
    public bool MayAsk(IPAddress? peer) => peer is not null && _askers.Contains(AddressNumber.Of(peer));

    /// <summary>Whether a chain of forwarded addresses goes on behind this one.</summary>
    public bool IsProxy(IPAddress address) => _proxies.Contains(AddressNumber.Of(address));

    /// <summary>Values that can't be parsed are left out. <c>ForwardAuthValidator</c> reports them at startup.</summary>
    private static List<AddressRange> Parse(IEnumerable<string?> texts)
    {
        var ranges = new List<AddressRange>();
        foreach (var text in texts)
            if (AddressRangeFormat.TryParse(text, out var range, out _))
                ranges.Add(range);
        return ranges;
    }
}
