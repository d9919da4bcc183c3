using Portal.Addresses;
using Portal.Data;

namespace Portal.Statistics;

/// <summary>A use of a token from an address on a UTC day.</summary>
/// <param name="Address">See <see cref="AddressNumber"/>.</param>
public readonly record struct SeenKey(long TokenId, DateOnly Day, UInt128 Address);

/// <summary>Writes the addresses that tokens are used from: each once a day, and only the latest ones of each token.</summary>
/// <remarks>It helps people create IP rules and isn't a log: if a token is used from more addresses than are kept, the others are dropped.</remarks>
internal sealed class SeenAddressWriter
{
    /// <summary>The number of addresses that are kept for a token.</summary>
    public const int MostKept = 100;

    /// <summary>The number of written addresses that memory remembers. Beyond this, some are written again.</summary>
    private const int MostRemembered = 50_000;

    private readonly HashSet<SeenKey> _written = [];

    /// <summary>Adds new addresses to the transaction of the counts.</summary>
    public void Write(CountStore store, TokenCounts token)
    {
        var unknown = Unknown(token).OrderByDescending(key => key.Day).Take(MostKept).ToList();
        foreach (var key in unknown)
            store.MarkAddressSeen(new SeenAddress { TokenId = key.TokenId, Address = key.Address, LastSeenOn = key.Day });
        if (unknown.Count > 0)
            store.KeepLatestAddresses(token.TokenId, MostKept);
    }

    /// <summary>Finds the tokens that are used from a network for the first time, each with one address. Call it before the addresses are written.</summary>
    public async Task<List<(long TokenId, UInt128 Address)>> FindNewAsync(CountStore store, TokenCounts[] tokens, CancellationToken cancellation)
    {
        var asked = tokens.Where(token => Unknown(token).Any()).ToList();
        if (asked.Count == 0)
            return [];
        var known = await store.FindAddressesAsync([.. asked.Select(token => token.TokenId)], cancellation);
        return
        [
            .. from token in asked
               let before = known[token.TokenId].ToArray()
               let added = Unknown(token).Where(key => AddressNews.IsNew(key.Address, before)).Take(1).ToArray()
               where added.Length > 0
               select (token.TokenId, added[0].Address),
        ];
    }

    /// <summary>Call it only after the transaction is committed.</summary>
    public void Remember(IReadOnlyCollection<SeenKey> seen)
    {
        if (_written.Count + seen.Count > MostRemembered)
            _written.Clear();
        _written.UnionWith(seen);
    }

    private IEnumerable<SeenKey> Unknown(TokenCounts token) => token.Seen.Where(key => !_written.Contains(key));
}
