using Microsoft.AspNetCore.Identity;

namespace Portal.Data;

/// <summary>A person who signs in to the portal. The role is an Identity role; see <c>Access.Role</c>.</summary>
public sealed class PortalUser : IdentityUser
{
    public const int DisplayNameLength = 64;

    /// <summary>The maximum length of <see cref="TokenColumns"/>.</summary>
    public const int TokenColumnsLength = 100;

    public required string AccountId { get; init; }

    /// <summary>The name shown under "created by" and in the audit log.</summary>
    public required string DisplayName { get; set; }

    /// <summary>UTC; null for users of versions that didn't store it.</summary>
    public DateTime? CreatedAt { get; init; }

    /// <summary>UTC; null: never, or not since Portal stores it.</summary>
    public DateTime? LastSignInAt { get; set; }

    /// <summary>The columns of the token list that the user chose, as the list writes them; null: the default.</summary>
    public string? TokenColumns { get; set; }
}
