using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.WebUtilities;
using Portal.Addresses;
using Portal.Data;
using Portal.Tokens;
using Portal.Tokens.Reading;

namespace Portal.IpRules.Screen;

/// <summary>The rules that the list shows, by the tokens to which they apply.</summary>
public enum RuleOwners
{
    All,
    AllTokens,
    OneToken,
}

/// <summary>The state of the list of rules.</summary>
public sealed record IpRuleListQuery
{
    public const int LongestSearch = 128;

    /// <summary>Text to find in the addresses, label, or name and handle of the token; an address also finds the ranges that contain it.</summary>
    public string Search { get; init; } = "";
    public RuleOwners For { get; init; }

    /// <summary>With <see cref="RuleOwners.OneToken"/>: the token; null: any.</summary>
    public string? Handle { get; init; }
    public int Page { get; init; } = 1;
    public int PageSize { get; init; } = 25;

    public bool IsFiltered => Search.Length > 0 || For != RuleOwners.All;

    /// <summary>Selects the rules, on all pages.</summary>
    public IReadOnlyList<IpRuleEntry> Of(IEnumerable<IpRuleEntry> rules) => [.. rules.Where(IsOwner).Where(Contains)];

    private bool IsOwner(IpRuleEntry rule) => For switch
    {
        RuleOwners.AllTokens => rule.Token is null,
        RuleOwners.OneToken => rule.Token is { } token && (Handle is null || token.Handle == Handle),
        _ => true,
    };

    private bool Contains(IpRuleEntry rule)
    {
        var text = Search.Trim();
        return text.Length == 0 || Has(rule.Written, text) || Has(rule.Label, text) || Has(rule.Token?.Name, text) || Has(rule.Token?.Handle, text)
            || (rule.Token is not null && IpRuleChecks.ReadHandle(text) == rule.Token.Handle)
            || (text.AsSpan().ContainsAny('.', ':') && IPAddress.TryParse(text, out var address) && rule.Range.Contains(AddressNumber.Of(address)));
    }

    private static bool Has(string? value, string text) => value?.Contains(text, StringComparison.CurrentCultureIgnoreCase) is true;
}

/// <summary>Maps the state of the list of rules to its URL.</summary>
/// <remarks><code>/integrations/ip-rules?for=SU-160-984-311&amp;q=office&amp;page=2&amp;size=50</code>
/// Invalid parts are ignored, so that an old or mistyped link still shows rules.</remarks>
public static class IpRuleListAddress
{
    private const string Path = "integrations/ip-rules", AllTokensName = "all-tokens", OneTokenName = "one-token";
    private static readonly IpRuleListQuery Default = new();

    /// <param name="address">Relative to the base address.</param>
    public static bool IsList(string address) => address.Split('?', '#')[0].TrimEnd('/').Equals(Path, StringComparison.OrdinalIgnoreCase);

    public static IpRuleListQuery Parse(Uri address)
    {
        var query = QueryHelpers.ParseQuery(address.Query);
        string Value(string name) => query.TryGetValue(name, out var values) ? values[0] ?? "" : "";
        var search = Value("q").Trim();
        var owner = Value("for");
        return new IpRuleListQuery
        {
            Search = SecretText.Holds(search) ? "" : search[..Math.Min(search.Length, IpRuleListQuery.LongestSearch)],
            For = owner == AllTokensName ? RuleOwners.AllTokens : owner == OneTokenName || ApiKey.IsHandle(owner) ? RuleOwners.OneToken : RuleOwners.All,
            Handle = ApiKey.IsHandle(owner) ? owner : null,
            Page = Number(Value("page")) ?? 1,
            PageSize = Number(Value("size")) is { } size && TokenQuery.PageSizes.Contains(size) ? size : Default.PageSize,
        };
    }

    public static string Write(IpRuleListQuery query)
    {
        var parts = new Dictionary<string, string?>
        {
            ["for"] = query.For switch { RuleOwners.AllTokens => AllTokensName, RuleOwners.OneToken => query.Handle ?? OneTokenName, _ => null },
            ["q"] = query.Search.Length == 0 || SecretText.Holds(query.Search) ? null : query.Search,
            ["page"] = query.Page == 1 ? null : query.Page.ToString(CultureInfo.InvariantCulture),
            ["size"] = query.PageSize == Default.PageSize ? null : query.PageSize.ToString(CultureInfo.InvariantCulture),
        };
        return QueryHelpers.AddQueryString(Path, parts.Where(part => part.Value is not null));
    }

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 1_000 ? number : null;
}
