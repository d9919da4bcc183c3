using System.ComponentModel.DataAnnotations;

namespace Portal.Access;

/// <summary>Who must have a second factor.</summary>
public enum SecondFactorRequirement
{
    Never,
    Administrators,
    Always,
}

/// <summary>The policy for second factors: an authenticator app or a passkey.</summary>
public sealed class SecondFactorOptions
{
    public const string Section = "SecondFactor";

    public SecondFactorRequirement Required { get; set; } = SecondFactorRequirement.Never;

    /// <summary>The number of days after the first sign-in under the policy until which a user can work without a second factor.</summary>
    [Range(0, 365, ErrorMessage = $"{Section}:{nameof(GraceDays)} must be from 0 to 365.")]
    public int GraceDays { get; set; } = 7;
}

internal static class SecondFactorRequirements
{
    /// <summary>Whether users with this role must have a second factor.</summary>
    public static bool Includes(this SecondFactorRequirement requirement, Role role) =>
        requirement == SecondFactorRequirement.Always || (requirement == SecondFactorRequirement.Administrators && role == Role.Administrator);
}
