using System.ComponentModel.DataAnnotations;

namespace Portal.Components.Circuits;

/// <summary>The limits of pages that may be open at the same time.</summary>
internal sealed class CircuitLimits
{
    public const string Section = "Portal:Circuits";

    /// <summary>Open pages of one person. Beyond it, the oldest one without a connection is given up; when all are connected, the new
    /// page only says so.</summary>
    [Range(1, 10_000, ErrorMessage = $"{Section}:{nameof(MaximumPerUser)} must be from 1 to 10000.")]
    public int MaximumPerUser { get; set; } = 50;

    /// <summary>Pages that lost their connection and wait for it, of all people together.</summary>
    [Range(0, 10_000, ErrorMessage = $"{Section}:{nameof(MaximumDisconnected)} must be from 0 to 10000.")]
    public int MaximumDisconnected { get; set; } = 100;

    /// <summary>The time for which such a page is kept, in seconds.</summary>
    [Range(1, 3600, ErrorMessage = $"{Section}:{nameof(DisconnectedSeconds)} must be from 1 to 3600.")]
    public int DisconnectedSeconds { get; set; } = 180;
}
