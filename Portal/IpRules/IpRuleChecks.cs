using Microsoft.EntityFrameworkCore;
using Portal.Addresses;
using Portal.Data;
using Portal.Localization;

namespace Portal.IpRules;

/// <summary>A rule that can be added.</summary>
/// <param name="Token">The token to which it applies; null: all tokens of the account.</param>
internal sealed record RuleDraft(NewIpRule Wanted, Token? Token, AddressRange Range)
{
    public BookedRule ToBooked() => new(0, Token?.Id, Range, Wanted.Addresses!.Trim(), TextRules.Clean(Wanted.Label));
}

/// <summary>The result of the validation of rules that are to be added.</summary>
/// <param name="Now">The stored rules.</param>
/// <param name="Faults">Empty: the drafts can be added.</param>
internal sealed record CheckedRules(RuleBook Now, IReadOnlyList<RuleDraft> Drafts, IReadOnlyList<IpRuleError> Faults)
{
    public RuleBook Then => Now.With(Drafts.Select(draft => draft.ToBooked()));
}

/// <summary>Validates rules before they are added.</summary>
internal static class IpRuleChecks
{
    private const int HandleDigits = 9;

    public static async Task<CheckedRules> CheckAsync(
        PortalDbContext context, string accountId, IReadOnlyList<NewIpRule> wanted, CancellationToken cancellation)
    {
        var now = await RuleBook.ReadAsync(context, accountId, cancellation);
        var faults = new List<IpRuleError>();
        var drafts = new List<RuleDraft>();
        foreach (var rule in wanted)
        {
            if (TextRules.Check(rule.Label?.Trim() ?? "", Texts.IpRule_LabelField, IpRule.LabelLength) is { } faultOfLabel)
                faults.Add(new IpRuleError(IpRuleField.Label, faultOfLabel));
            var token = await FindTokenAsync(context, accountId, rule.TokenHandle, faults, cancellation);
            if (!AddressRangeFormat.TryParse(rule.Addresses, out var range, out var faultOfAddresses))
                faults.Add(new IpRuleError(IpRuleField.Addresses, faultOfAddresses));
            else if (FindObstacle([.. now.Rules, .. drafts.Select(draft => draft.ToBooked())], token?.Id, range) is { } obstacle)
                faults.Add(new IpRuleError(IpRuleField.Addresses, obstacle));
            else
                drafts.Add(new RuleDraft(rule, token, range));
        }

        var result = new CheckedRules(now, drafts, faults);
        if (faults.Count == 0 && await RuleConflict.FindAsync(context, now, result.Then, cancellation) is { } conflict)
            faults.Add(new IpRuleError(IpRuleField.Addresses, conflict));
        return result;
    }

    /// <summary>Reads a handle as people write it: in any case, with or without dashes and spaces, and without <c>SU</c>.</summary>
    /// <returns>Null: it isn't a handle.</returns>
    public static string? ReadHandle(string written)
    {
        var text = string.Concat(written.Where(character => !char.IsWhiteSpace(character) && character is not ('-' or '–' or '‑')));
        var digits = text.StartsWith("SU", StringComparison.OrdinalIgnoreCase) ? text[2..] : text;
        return digits.Length == HandleDigits && digits.All(char.IsAsciiDigit) ? $"SU-{digits[..3]}-{digits[3..6]}-{digits[6..]}" : null;
    }

    private static async Task<Token?> FindTokenAsync(
        PortalDbContext context, string accountId, string? written, List<IpRuleError> faults, CancellationToken cancellation)
    {
        if (TextRules.Clean(written) is not { } wanted)
            return null;
        var handle = ReadHandle(wanted);
        var token = handle is null ? null : await context.Tokens.AsNoTracking().SingleOrDefaultAsync(
            token => token.AccountId == accountId && token.Handle == handle && token.Status != StoredStatus.Deleted, cancellation);
        if (token is null)
            faults.Add(new IpRuleError(IpRuleField.Token, Texts.IpRule_NoSuchToken));
        return token;
    }

    private static string? FindObstacle(List<BookedRule> rules, long? tokenId, AddressRange range) =>
        rules.Find(rule => rule.TokenId == tokenId && rule.Range == range) is { } same ? Texts.IpRule_Exists.With(same.Name)
        : rules.Count >= IpRuleService.MostRules ? Texts.IpRule_TooMany.With(IpRuleService.MostRules)
        : null;
}
