namespace Portal.Policies;

/// <summary>The policy of the account or of an extension, as it is stored.</summary>
/// <param name="ExtensionId">The extension; empty: the account.</param>
/// <param name="Version">For <see cref="PolicyService.SaveAsync"/>; empty: no policy is stored.</param>
/// <param name="UpdatedAt">UTC; null: no policy is stored.</param>
public sealed record StoredPolicy(string ExtensionId, PolicyRules Rules, Guid Version, DateTime? UpdatedAt, string? UpdatedByName);

/// <summary>A field of a policy, to which an error message can refer.</summary>
public enum PolicyField
{
    MaximumLifetimeDays,
    DefaultPreset,
    MostTokensPerExtension,
    MostTokensPerOwner,
    RotateEveryDays,
    DisableIdleAfterDays,
    ApprovalModules,
    ApprovalLifetimeDays,
}

/// <summary>A validation error of a field, with a message for the administrator.</summary>
public sealed record PolicyError(PolicyField Field, string Message);

/// <summary>The outcome of saving a policy.</summary>
public abstract record PolicyOutcome
{
    private PolicyOutcome()
    {
    }

    /// <summary>The policy applies to every change from now on.</summary>
    public sealed record Done : PolicyOutcome;

    /// <summary>The input is invalid. Nothing was changed.</summary>
    public sealed record Invalid(IReadOnlyList<PolicyError> Errors) : PolicyOutcome;

    /// <summary>Someone else changed the policy after it was read. Nothing was changed.</summary>
    public sealed record Conflict(StoredPolicy Current) : PolicyOutcome;

    /// <summary>The policy can't be saved. The message says why, and what to do.</summary>
    public sealed record Refused(string Message) : PolicyOutcome;
}
