using Microsoft.EntityFrameworkCore;
using Portal.Addresses;
using Portal.Data;

namespace Portal.IpRules;

/// <summary>A rule as far as its effect and its name matter.</summary>
/// <param name="Id">0 if it isn't stored.</param>
/// <param name="TokenId">The token to which it applies; null: all tokens of the account.</param>
internal sealed record BookedRule(long Id, long? TokenId, AddressRange Range, string Written, string? Label)
{
    /// <summary>The rule as users know it: <c>Office, 192.0.2.0/24</c>.</summary>
    public string Name => Label is null ? Written : $"{Label}, {Written}";
}

/// <summary>All rules of an account, stored or as a change would leave them.</summary>
internal sealed class RuleBook(IReadOnlyList<BookedRule> rules)
{
    private AddressRules? _effect;

    public IReadOnlyList<BookedRule> Rules => rules;

    public AddressRules Effect => _effect ??= new AddressRules([.. rules.Select(rule => new RuleRange(rule.TokenId, rule.Range))]);

    public static async Task<RuleBook> ReadAsync(PortalDbContext context, string accountId, CancellationToken cancellation) => new(
        await context.IpRules.AsNoTracking().Where(rule => rule.AccountId == accountId).OrderBy(rule => rule.Id)
            .Select(rule => new BookedRule(rule.Id, rule.TokenId, new AddressRange(rule.First, rule.Last), rule.Written, rule.Label))
            .ToListAsync(cancellation));

    public RuleBook With(IEnumerable<BookedRule> added) => new([.. rules, .. added]);

    public RuleBook Without(long id) => new([.. rules.Where(rule => rule.Id != id)]);

    /// <param name="tokenId">Null: the rules for all tokens.</param>
    public IReadOnlyList<BookedRule> Of(long? tokenId) => [.. rules.Where(rule => rule.TokenId == tokenId)];
}
