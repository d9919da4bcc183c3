using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Diagnostics;
using Portal.Access;
using Portal.Accounts.Sessions;
using Portal.Data;

namespace Portal.Accounts;

/// <summary>Accepts the session cookie only while the session is valid, by the same rule as for open pages and every action.</summary>
internal static class SessionCookie
{
    public static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        // The page that says so must not need the database itself. The person is still signed in afterwards.
        if (DatabaseErrors.Find(context.HttpContext.Features.Get<IExceptionHandlerFeature>()?.Error) is not null)
        {
            context.RejectPrincipal();
            return;
        }

        var services = context.HttpContext.RequestServices;
        if (context.Principal is { } principal && PortalClaims.ActorOf(principal) is { SessionId: not null } actor
            && await services.GetRequiredService<UserStates>().GetAsync(actor.Id, context.HttpContext.RequestAborted) is { } state && state.IsSessionValid(actor))
        {
            services.GetRequiredService<SessionRecorder>().Note(actor);
            if (state.Name != actor.Name)
                Rename(context, principal, state.Name);
            return;
        }

        context.RejectPrincipal();
        await context.HttpContext.SignOutAsync(context.Scheme.Name);
    }

    /// <summary>Replaces the name in the cookie: the person has changed it.</summary>
    private static void Rename(CookieValidatePrincipalContext context, ClaimsPrincipal principal, string name)
    {
        var renamed = principal.Clone();
        var identity = (ClaimsIdentity)renamed.Identity!;
        identity.RemoveClaim(identity.FindFirst(PortalClaims.DisplayName));
        identity.AddClaim(new Claim(PortalClaims.DisplayName, name));
        context.ReplacePrincipal(renamed);
        context.ShouldRenew = true;
    }
}
