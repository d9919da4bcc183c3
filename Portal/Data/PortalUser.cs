using Microsoft.AspNetCore.Identity;

namespace Portal.Data;

/// <summary>A person who signs in to the portal. The role is an Identity role; see <c>Access.Role</c>.</summary>
public sealed class PortalUser : IdentityUser
{
    public const int DisplayNameLength = 64;

    /// <summary>The maximum length of <see cref="TokenColumns"/>.</summary>
    public const int TokenColumnsLength = 100;

    /// <summary>The maximum length of <see cref="Theme"/> and <see cref="Language"/>.</summary>
    public const int PreferenceLength = 16;

    public const int TimeZoneLength = 64;

    public required string AccountId { get; init; }

    /// <summary>The name shown under "created by" and in the audit log.</summary>
    public required string DisplayName { get; set; }

    /// <summary>UTC; null for users of versions that didn't store it.</summary>
    public DateTime? CreatedAt { get; init; }

    /// <summary>UTC; null: never, or not since Portal stores it.</summary>
    public DateTime? LastSignInAt { get; set; }

    /// <summary>The columns of the token list that the user chose, as the list writes them; null: the default.</summary>
    public string? TokenColumns { get; set; }
    /// <summary>The theme that the user chose; null: that of the browser.</summary>
    public string? Theme { get; set; }

    /// <summary>The language that the user chose, such as <c>de</c>; null: that of the browser.</summary>
    public string? Language { get; set; }

    /// <summary>The IANA time zone that the user chose; null: that of the browser.</summary>
    public string? TimeZone { get; set; }

    /// <summary>When the user must have a second factor, in UTC; null: not required so far.</summary>
    public DateTime? SecondFactorDueAt { get; set; }
}
