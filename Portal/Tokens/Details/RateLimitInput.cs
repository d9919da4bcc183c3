using System.Globalization;
using System.Text.RegularExpressions;
using Portal.Localization;

namespace Portal.Tokens.Details;

/// <summary>The selected rule for the rate limit of a token.</summary>
public enum RateRule
{
    Default,
    Own,
    None,
}

/// <summary>The rate limit in the form. The entered text stays while another rule is selected.</summary>
public sealed partial class RateLimitInput
{
    public RateRule Rule { get; set; }
    public string Requests { get; set; } = "";
    public RateUnit Per { get; set; } = RateUnit.Minute;

    public static RateLimitInput Of(RateLimitChoice choice) => new()
    {
        Rule = !choice.Own ? RateRule.Default : choice.Limit is null ? RateRule.None : RateRule.Own,
        Requests = choice.Limit?.Requests.ToString(CultureInfo.InvariantCulture) ?? "",
        Per = choice.Limit?.Per ?? RateUnit.Minute,
    };

    /// <summary>A number that cannot be read becomes 0, which no limit may be.</summary>
    public RateLimitChoice ToChoice() => Rule switch
    {
        RateRule.None => RateLimitChoice.None,
        RateRule.Own => RateLimitChoice.Of(new RateLimit(
            WholeNumber().IsMatch(Requests.Trim())
                && !Requests.Contains(CultureInfo.CurrentCulture.NumberFormat.NumberDecimalSeparator, StringComparison.Ordinal)
                && int.TryParse(string.Concat(Requests.Where(char.IsAsciiDigit)), NumberStyles.None, CultureInfo.InvariantCulture, out var requests)
                ? requests : 0,
            Per)),
        _ => RateLimitChoice.Default,
    };

    /// <summary>Digits, with or without the same separator between groups of three. People of one language use several.</summary>
    [GeneratedRegex(@"^(?:[0-9]+|[0-9]{1,3}([.,'’\u00A0\u202F ])[0-9]{3}(?:\1[0-9]{3})*)$")]
    private static partial Regex WholeNumber();

    /// <summary>For people, also while it is being typed.</summary>
    public string Describe() => ToChoice() is { Limit.Requests: 0 } ? Texts.RateLimitInput_Own : ToChoice().Describe();
}
