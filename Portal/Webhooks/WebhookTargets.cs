using System.Net;
using Microsoft.Extensions.Options;
using Portal.Addresses;

namespace Portal.Webhooks;

/// <summary>Resolves host names. Tests replace it.</summary>
public delegate Task<IPAddress[]> HostResolver(string host, CancellationToken cancellation);

/// <summary>Decides to which addresses Portal may connect. An administrator chooses the address of an endpoint, but must not reach the private network
/// of the server through Portal, unless the configuration allows it.</summary>
public sealed class WebhookTargets(IOptions<WebhookOptions> options)
{
    /// <summary>Everything that isn't on the public IPv4 Internet by the registry of special-purpose addresses (RFC 6890), multicast, and the metadata
    /// service of Azure, which has a public address. Those of other clouds are link-local.</summary>
    private static readonly AddressSet PrivateIPv4 = SetOf(
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
        "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3");

    /// <summary>The public IPv6 Internet.</summary>
    private static readonly AddressSet PublicIPv6 = SetOf("2000::/3");

    /// <summary>Exceptions within <see cref="PublicIPv6"/>: protocols, including Teredo; documentation; and 6to4, which contains IPv4 addresses.</summary>
    private static readonly AddressSet PrivateIPv6 = SetOf("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20");

    /// <summary>NAT64 (RFC 6052): the last 32 bits are the IPv4 address that a gateway of the network connects to.</summary>
    private static readonly AddressSet Nat64 = SetOf("64:ff9b::/96");

    private readonly AddressSet _allowed = SetOf([.. options.Value.AllowedNetworks]);

    /// <summary>Whether the configuration allows any private network.</summary>
    public bool AllowsPrivate => !_allowed.IsEmpty;

    /// <summary>Whether Portal may connect to the address.</summary>
    /// <param name="isEncrypted">Whether the connection is HTTPS. Otherwise, only private networks that are allowed can be reached.</param>
    public bool Allows(IPAddress address, bool isEncrypted)
    {
        var number = AddressNumber.Of(address);
        return _allowed.Contains(number) || (isEncrypted && IsPublic(number));
    }

    private static bool IsPublic(UInt128 address) =>
        AddressNumber.IsIPv4(address) ? !PrivateIPv4.Contains(address)
        : Nat64.Contains(address) ? !PrivateIPv4.Contains(AddressNumber.FirstIPv4 | (uint)address)
        : PublicIPv6.Contains(address) && !PrivateIPv6.Contains(address);

    private static AddressSet SetOf(params string[] networks) => new(networks.Select(network =>
        AddressRangeFormat.TryParse(network, out var range, out var fault) ? range : throw new FormatException(fault)));
}
