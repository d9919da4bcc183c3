using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Localization;

namespace Portal.IpRules;

/// <summary>Finds tokens that a change would make unusable, because their own rules and those for all tokens have no address in common.</summary>
/// <remarks>Only tokens with rules of their own can become unusable, so that the cost doesn't depend on the number of tokens.</remarks>
internal static class RuleConflict
{
    private const int MostTokens = 3, MostRules = 2;

    /// <returns>The reason to refuse the change, with advice; null: there is none.</returns>
    public static async Task<string?> FindAsync(PortalDbContext context, RuleBook before, RuleBook after, CancellationToken cancellation)
    {
        // A token that is unusable already doesn't block changes elsewhere: people need them to repair it.
        var ids = after.Effect.TokensWithRules
            .Where(id => after.Effect.CutOff(id) && (!before.Effect.CutOff(id) || after.Of(id).Count > before.Of(id).Count)).ToList();
        if (ids.Count == 0)
            return null;
        var tokens = await context.Tokens.AsNoTracking()
            .Where(token => EF.Parameter(ids).Contains(token.Id) && token.Status != StoredStatus.Deleted)
            .Select(token => new UnusableToken(token.Id, token.Name)).ToListAsync(cancellation);
        if (tokens.Count == 0)
            return null;
        List<UnusableToken> ordered = [.. tokens.OrderBy(token => token.Name, NameCollation.ForReader).ThenBy(token => token.Id)];
        return string.Join(' ', Describe(ordered, after), Advise(ordered, before, after));
    }

    private static string Describe(List<UnusableToken> tokens, RuleBook after)
    {
        var (own, all) = (Name(after.Of(tokens[0].Id)), Name(after.Of(null)));
        return tokens.Count == 1
            ? Texts.IpRule_CutsOffOne.With(tokens[0].Name, own, all)
            : Texts.IpRule_CutsOffMany.With(tokens.Count, Join(tokens.Select(token => token.Name), MostTokens), tokens[0].Name, own, all);
    }

    private static string Advise(List<UnusableToken> tokens, RuleBook before, RuleBook after) =>
        tokens.Exists(token => after.Of(token.Id).Count > before.Of(token.Id).Count) ? Texts.IpRule_CutsOffAddOwn
        : after.Of(null).Count > before.Of(null).Count ? Texts.IpRule_CutsOffAddForAll
        : Texts.IpRule_CutsOffRemove;

    /// <summary>Names the rules, with those that are about to be added first.</summary>
    private static string Name(IReadOnlyList<BookedRule> rules) => Join(rules.OrderBy(rule => rule.Id != 0).Select(rule => rule.Written), MostRules);

    private static string Join(IEnumerable<string> names, int most)
    {
        var all = names.ToList();
        var named = string.Join(", ", all.Take(most));
        return all.Count > most ? Texts.IpRule_AndMore.With(named, all.Count - most) : named;
    }

    private sealed record UnusableToken(long Id, string Name);
}
