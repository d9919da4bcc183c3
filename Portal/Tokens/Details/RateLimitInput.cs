using System.Globalization;
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
public sealed class RateLimitInput
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
            int.TryParse(Requests.Trim(), NumberStyles.AllowThousands, CultureInfo.CurrentCulture, out var requests) ? requests : 0, Per)),
        _ => RateLimitChoice.Default,
    };

    /// <summary>For people, also while it is being typed.</summary>
    public string Describe() => ToChoice() is { Limit.Requests: 0 } ? Texts.RateLimitInput_Own : ToChoice().Describe();
}
