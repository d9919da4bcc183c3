using Portal.Addresses;

namespace Portal.IpRules;

/// <summary>A rule that allows addresses that were seen.</summary>
/// <param name="Addresses">The text of the rule, in the format of <see cref="AddressRangeFormat"/>.</param>
/// <param name="Covered">The addresses that it allows and that were seen, in order.</param>
public sealed record IpRuleProposal(string Addresses, AddressRange Range, IReadOnlyList<SeenFrom> Covered);

/// <summary>Rules that allow the addresses that were seen.</summary>
/// <param name="Rules">In the order of their addresses; at most <see cref="MostRules"/>.</param>
/// <param name="NotCovered">The number of addresses for which no rule is left.</param>
public sealed record IpRuleProposals(IReadOnlyList<IpRuleProposal> Rules, int NotCovered)
{
    public const int MostRules = 20;

    /// <summary>The number of addresses in a network from which the whole network is proposed.</summary>
    internal const int NetworkFrom = 3;

    private const int PrefixOfIPv4 = 24, PrefixOfIPv6 = 64;

    /// <summary>The number of addresses that were seen, including those that rules allow already.</summary>
    public int SeenCount { get; init; }

    /// <summary>The number of addresses that the rules for all tokens refuse, so that a rule for the token wouldn't allow them.</summary>
    public int RefusedByOthers { get; init; }

    /// <summary>Proposes a /24 or /64 network if three or more of its addresses were seen, and single addresses otherwise. If there are too many, those
    /// with the most and the latest addresses win.</summary>
    /// <param name="seen">Without duplicates.</param>
    internal static IpRuleProposals For(IReadOnlyCollection<SeenFrom> seen)
    {
        var proposals = seen.GroupBy(address => AddressRange.NetworkOf(address.Number, PrefixOfIPv4, PrefixOfIPv6))
            .SelectMany(network => network.Count() >= NetworkFrom
                ? [Propose(network.Key, network)]
                : network.Select(address => Propose(new AddressRange(address.Number, address.Number), [address])))
            .ToList();
        var chosen = proposals
            .OrderByDescending(proposal => proposal.Covered.Count).ThenByDescending(proposal => proposal.Covered.Max(address => address.LastSeenOn))
            .ThenBy(proposal => proposal.Range.First).Take(MostRules).ToList();
        return new IpRuleProposals(
            [.. chosen.OrderByDescending(proposal => proposal.Range.IsIPv4).ThenBy(proposal => proposal.Range.First)],
            seen.Count - chosen.Sum(proposal => proposal.Covered.Count));
    }

    private static IpRuleProposal Propose(AddressRange range, IEnumerable<SeenFrom> covered) =>
        new(range.WriteShortest(), range, [.. covered.OrderBy(address => address.Number)]);
}
