using System.ComponentModel.DataAnnotations;

namespace Portal.Tokens;

/// <summary>The section <c>Tokens</c> of the configuration.</summary>
public sealed class TokenOptions
{
    public const string SectionName = "Tokens";

    /// <summary>A live token whose key ends within so many days is shown as expiring.</summary>
    [Range(1, 366, ErrorMessage = "Tokens:ExpiringWithinDays must be 1 to 366 days.")]
    public int ExpiringWithinDays { get; init; } = 30;

    /// <summary>A token not used for so many days is found by the filter "idle".</summary>
    [Range(1, 366, ErrorMessage = "Tokens:IdleAfterDays must be 1 to 366 days.")]
    public int IdleAfterDays { get; init; } = 30;

    [EnumDataType(typeof(RevealPolicy), ErrorMessage = "Tokens:Reveal must be Always or Once.")]
    public RevealPolicy Reveal { get; init; } = RevealPolicy.Always;

    /// <summary>What the wizard offers, <c>90 days</c>, <c>6 months</c>, <c>1 year</c>.</summary>
    public List<string> ExpirationPresets { get; init => field = value ?? []; } = [];

    /// <summary>How many requests a token may send, <c>100 per minute</c>, unless it has a limit of its own; empty: any number.</summary>
    [RateLimitText(ErrorMessage = "Tokens:RateLimit must be a limit like \"100 per minute\" (second, minute, hour or day; 1 to 1000000), or empty for none.")]
    public string RateLimit { get; init => field = value ?? ""; } = "";

    /// <summary>How many requests without a right key are looked at, from one address; empty: any number.</summary>
    [RateLimitText(ErrorMessage = "Tokens:FailedVerifications must be a limit like \"300 per minute\" (second, minute, hour or day; 1 to 1000000), or empty for none.")]
    public string FailedVerifications { get; init => field = value ?? ""; } = "300 per minute";

    /// <summary>Null: none.</summary>
    public RateLimit? DefaultRateLimit => Tokens.RateLimit.Parse(RateLimit);

    /// <summary>Null: none.</summary>
    public RateLimit? FailureLimit => Tokens.RateLimit.Parse(FailedVerifications);

    [AttributeUsage(AttributeTargets.Property)]
    private sealed class RateLimitTextAttribute : ValidationAttribute
    {
        public override bool IsValid(object? value) => value is null or "" || Tokens.RateLimit.Parse(value as string) is not null;
    }
}

public enum RevealPolicy
{
    /// <summary>A key can be viewed as long as it lives; its secret is stored encrypted.</summary>
    Always,

    /// <summary>A key is shown when it is made and never again; its secret is not stored.</summary>
    Once,
}
