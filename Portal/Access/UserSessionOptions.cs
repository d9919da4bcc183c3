using System.ComponentModel.DataAnnotations;

namespace Portal.Access;

/// <summary>The settings of signed-in sessions.</summary>
public sealed class UserSessionOptions
{
    public const string Section = "Sessions";

    /// <summary>The number of minutes after which Portal asks for the password again before it shows or changes keys, deletes tokens, or changes users or
    /// IP rules; 0: never.</summary>
    [Range(0, 1440, ErrorMessage = $"{Section}:{nameof(ProofMinutes)} must be from 0 to 1440.")]
    public int ProofMinutes { get; set; } = 10;

    /// <summary>The number of minutes after which a session ends that isn't used.</summary>
    [Range(5, 10_080, ErrorMessage = $"{Section}:{nameof(IdleMinutes)} must be from 5 to 10080.")]
    public int IdleMinutes { get; set; } = 720;

    /// <summary>The number of hours after which a session ends even if it is used.</summary>
    [Range(1, 8_760, ErrorMessage = $"{Section}:{nameof(LongestHours)} must be from 1 to 8760.")]
    public int LongestHours { get; set; } = 168;
}
