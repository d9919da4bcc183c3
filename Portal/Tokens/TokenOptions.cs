using System.ComponentModel.DataAnnotations;

namespace Portal.Tokens;

/// <summary>The section <c>Tokens</c> of the configuration.</summary>
public sealed class TokenOptions
{
    public const string SectionName = "Tokens";

    /// <summary>The number of days before the end of a key during which its token is shown as expiring.</summary>
    [Range(1, 366, ErrorMessage = "Tokens:ExpiringWithinDays must be 1 to 366 days.")]
    public int ExpiringWithinDays { get; init; } = 30;

    /// <summary>The number of days without use after which the filter <em>Idle</em> finds a token.</summary>
    [Range(1, 366, ErrorMessage = "Tokens:IdleAfterDays must be 1 to 366 days.")]
    public int IdleAfterDays { get; init; } = 30;

    /// <summary>The number of days after its deletion for which a token can be restored. Then <see cref="DeletedTokenSweep"/> removes it.</summary>
    [Range(0, 3650, ErrorMessage = "Tokens:DeletedRetentionDays must be 0 to 3650 days.")]
    public int DeletedRetentionDays { get; init; } = 30;

    /// <summary>The number of days after which a request for approval ends by itself.</summary>
    [Range(1, 90, ErrorMessage = "Tokens:ApprovalDays must be 1 to 90 days.")]
    public int ApprovalDays { get; init; } = 7;

    /// <summary>The number of days after which a request for approval that no longer waits is removed, counted from the request. The audit log keeps it.</summary>
    [Range(1, 3650, ErrorMessage = "Tokens:ApprovalRetentionDays must be 1 to 3650 days.")]
    public int ApprovalRetentionDays { get; init; } = 365;

    [EnumDataType(typeof(RevealPolicy), ErrorMessage = "Tokens:Reveal must be Always or Once.")]
    public RevealPolicy Reveal { get; init; } = RevealPolicy.Always;

    /// <summary>The lifetimes that the wizard offers, for example <c>90 days</c>, <c>6 months</c> and <c>1 year</c>.</summary>
    public List<string> ExpirationPresets { get; init => field = value ?? []; } = [];

    /// <summary>The default rate limit of a token, for example <c>100 per minute</c>; empty: no limit.</summary>
    [RateLimitText(ErrorMessage = "Tokens:RateLimit must be a limit like \"100 per minute\" (second, minute, hour or day; 1 to 1000000), or empty for none.")]
    public string RateLimit { get; init => field = value ?? ""; } = "";

    /// <summary>The rate limit for requests without a valid key from one address; empty: no limit.</summary>
    [RateLimitText(ErrorMessage = "Tokens:FailedVerifications must be a limit like \"300 per minute\" (second, minute, hour or day; 1 to 1000000), or empty for none.")]
    public string FailedVerifications { get; init => field = value ?? ""; } = "300 per minute";

    /// <summary>The parsed <see cref="RateLimit"/>; null: no limit.</summary>
    public RateLimit? DefaultRateLimit => Tokens.RateLimit.Parse(RateLimit);

    /// <summary>The parsed <see cref="FailedVerifications"/>; null: no limit.</summary>
    public RateLimit? FailureLimit => Tokens.RateLimit.Parse(FailedVerifications);

    [AttributeUsage(AttributeTargets.Property)]
    private sealed class RateLimitTextAttribute : ValidationAttribute
    {
        public override bool IsValid(object? value) => value is null or "" || Tokens.RateLimit.Parse(value as string) is not null;
    }
}

public enum RevealPolicy
{
    /// <summary>A key can be viewed as long as it is live. Its secret is stored encrypted.</summary>
    Always,

    /// <summary>A key is shown when it is created and never again. Its secret isn't stored.</summary>
    Once,
}
