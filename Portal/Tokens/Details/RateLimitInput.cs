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

/// <summary>The input for the rate limit. The entered text is kept while another rule is selected.</summary>
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

    /// <summary>Converts the input. An invalid number becomes 0, which is not a valid limit.</summary>
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

    /// <summary>Digits, optionally in groups of three with one kind of separator. Users of the same language use different separators.</summary>
    [GeneratedRegex(@"^(?:[0-9]+|[0-9]{1,3}([.,'’\u00A0\u202F ])[0-9]{3}(?:\1[0-9]{3})*)$")]
    private static partial Regex WholeNumber();

    /// <summary>Describes the input for users, even while it is incomplete.</summary>
    public string Describe() => ToChoice() is { Limit.Requests: 0 } ? Texts.RateLimitInput_Own : ToChoice().Describe();
}
