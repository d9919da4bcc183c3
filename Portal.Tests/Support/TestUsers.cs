using Microsoft.AspNetCore.Identity;
using Portal.Access;
using Portal.Data;

namespace Portal.Tests.Support;

/// <summary>Stored users for the actors of tests: services compare each actor with its user.</summary>
internal static class TestUsers
{
    /// <summary>The initial security stamp of a test's user.</summary>
    public static string StampOf(string userId) => "stamp of " + userId;

    /// <summary>Adds the user of <paramref name="actor"/>'s session. The caller saves.</summary>
    public static void AddUser(this PortalDbContext context, Actor actor)
    {
        context.Users.Add(new PortalUser
        {
            Id = actor.Id, AccountId = actor.AccountId, DisplayName = actor.Name, SecurityStamp = actor.SecurityStamp, LockoutEnabled = true,
            UserName = actor.Id, NormalizedUserName = actor.Id.ToUpperInvariant(), Email = $"{actor.Id}@example.com", NormalizedEmail = $"{actor.Id}@example.com".ToUpperInvariant(),
        });
        context.UserRoles.Add(new IdentityUserRole<string> { UserId = actor.Id, RoleId = actor.Role.ToString() });
    }
}
