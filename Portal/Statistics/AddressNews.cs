using System.Collections.Concurrent;
using System.Net;
using Portal.Addresses;

namespace Portal.Statistics;

/// <summary>A token was used from a network for the first time.</summary>
public readonly record struct NewNetwork(long TokenId, IPAddress Address);

/// <summary>The networks that tokens were used from for the first time, as <see cref="CountWriter"/> finds them.</summary>
/// <remarks>Addresses change within a network, so a new address in a known network isn't news, and neither is the first address of a token. They are in
/// memory: those of the last seconds are lost if the process is killed.</remarks>
public sealed class AddressNews
{
    /// <summary>The number of networks that wait. Further ones are dropped.</summary>
    private const int Most = 10_000;

    /// <summary>The bits of an address that name the network: /24 of IPv4, and /64 of IPv6.</summary>
    private const int IPv4HostBits = 8, IPv6HostBits = 64;

    private readonly ConcurrentQueue<NewNetwork> _waiting = new();

    /// <summary>Takes all that wait.</summary>
    public IReadOnlyList<NewNetwork> Take()
    {
        var taken = new List<NewNetwork>();
        while (taken.Count < Most && _waiting.TryDequeue(out var found))
            taken.Add(found);
        return taken;
    }

    internal void Add(long tokenId, UInt128 address)
    {
        if (_waiting.Count < Most)
            _waiting.Enqueue(new NewNetwork(tokenId, AddressNumber.ToAddress(address)));
    }

    /// <summary>Whether an address is in none of the networks of the known ones. Without known ones, it is the first and not new.</summary>
    internal static bool IsNew(UInt128 address, IReadOnlyCollection<UInt128> known)
    {
        var bits = AddressNumber.IsIPv4(address) ? IPv4HostBits : IPv6HostBits;
        return known.Count > 0 && known.All(other => other >> bits != address >> bits);
    }
}
