using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Addresses;
using Portal.Audit;
using Portal.Data;
using Portal.Localization;

namespace Portal.IpRules;

/// <summary>Adds the IP rules of a token that is being created, in the transaction that creates it: the token never works without them.</summary>
public sealed class NewTokenRules(AddressRulesCache cache, AuditLog audit, TimeProvider clock)
{
    /// <param name="written">The addresses, in the format of <see cref="AddressRangeFormat"/>.</param>
    /// <returns>An error message for the user; null: the rules can be added.</returns>
    internal static async Task<string?> CheckAsync(
        PortalDbContext context, string accountId, IReadOnlyList<string> written, CancellationToken cancellation)
    {
        if (written.Count == 0)
            return null;
        var wanted = new HashSet<AddressRange>();
        foreach (var text in written)
        {
            if (!AddressRangeFormat.TryParse(text, out var range, out var fault))
                return fault;
            if (!wanted.Add(range))
                return Texts.IpRule_Exists.With(text.Trim());
        }

        var present = await context.IpRules.AsNoTracking().Where(rule => rule.AccountId == accountId)
            .Select(rule => new { rule.TokenId, Range = new AddressRange(rule.First, rule.Last) })
            .ToListAsync(cancellation);
        if (present.Count + wanted.Count > IpRuleService.MostRules)
            return Texts.IpRule_TooMany.With(IpRuleService.MostRules);
        var ofAll = present.Where(rule => rule.TokenId is null).Select(rule => rule.Range).ToList();
        return ofAll.Count == 0 || wanted.Any(range => ofAll.Exists(other => Overlap(range, other))) ? null : Texts.NewTokenRules_NoCommonAddress;
    }

    /// <param name="token">A token that is stored already, so that it has an ID.</param>
    /// <param name="written">Addresses that <see cref="CheckAsync"/> accepted.</param>
    internal void Add(PortalDbContext context, Actor actor, Token token, IReadOnlyList<string> written)
    {
        foreach (var text in written)
        {
            if (!AddressRangeFormat.TryParse(text, out var range, out var fault))
                throw new ArgumentException(fault, nameof(written));
            context.IpRules.Add(new IpRule
            {
                AccountId = actor.AccountId, TokenId = token.Id, Written = text.Trim(), First = range.First, Last = range.Last,
                CreatedAt = clock.GetUtcNow().UtcDateTime, CreatedById = actor.Id, CreatedByName = actor.Name,
            });
            var (first, last) = range.Write();
            audit.Add(context, actor, AuditAction.IpRuleAdded, token.Handle, token.Name, new Dictionary<string, object?>
            {
                ["label"] = null, ["written"] = text.Trim(), ["from"] = first, ["to"] = last,
            });
        }
    }

    /// <summary>Call this when the rules are durable, or may be durable.</summary>
    internal void Forget(string accountId) => cache.Forget(accountId);

    /// <summary>Whether an address is in both.</summary>
    private static bool Overlap(AddressRange one, AddressRange other) =>
        one.IsIPv4 == other.IsIPv4 && one.First <= other.Last && other.First <= one.Last;
}
