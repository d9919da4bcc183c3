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
}
