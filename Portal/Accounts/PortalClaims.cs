using System.Security.Claims;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Portal.Access;
using Portal.Data;

namespace Portal.Accounts;

/// <summary>The claims in the session cookie, and their conversion to an <see cref="Actor"/>.</summary>
internal sealed class PortalClaims(UserManager<PortalUser> users, RoleManager<IdentityRole> roles, IOptions<IdentityOptions> options)
    : UserClaimsPrincipalFactory<PortalUser, IdentityRole>(users, roles, options)
{
    internal const string AccountId = "portal:account";
    internal const string DisplayName = "portal:name";
    internal const string SessionId = "portal:session";

    /// <summary>The address of the client. It isn't in the cookie, but added to each request, see <see cref="ClientAddressClaim"/>.</summary>
    internal const string Address = "portal:address";

    /// <summary>The type of the security stamp claim, which Identity adds.</summary>
    internal static readonly string SecurityStamp = new ClaimsIdentityOptions().SecurityStampClaimType;

    protected override async Task<ClaimsIdentity> GenerateClaimsAsync(PortalUser user)
    {
        var identity = await base.GenerateClaimsAsync(user);
        identity.AddClaim(new Claim(AccountId, user.AccountId));
        identity.AddClaim(new Claim(DisplayName, user.DisplayName));
        return identity;
    }

    /// <summary>Creates the actor of a principal; null: nobody is signed in.</summary>
    public static Actor? ActorOf(ClaimsPrincipal principal)
    {
        var (id, account, name) = (
            principal.FindFirstValue(ClaimTypes.NameIdentifier), principal.FindFirstValue(AccountId), principal.FindFirstValue(DisplayName));
        if (id is null || account is null || name is null)
            return null;
        // A user without a role can only view.
        var role = principal.IsInRole(nameof(Role.Administrator)) ? Role.Administrator
            : principal.IsInRole(nameof(Role.Operator)) ? Role.Operator
            : Role.Viewer;
        return new Actor(ActorKind.User, id, name, account, role)
        {
            SecurityStamp = principal.FindFirstValue(SecurityStamp), SessionId = principal.FindFirstValue(SessionId), Address = principal.FindFirstValue(Address),
        };
    }
}
