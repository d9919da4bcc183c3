using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Portal.Access;

namespace Portal.Accounts;

/// <summary>Accepts the session cookie only while the session is valid, by the same rule as for open pages and every action.</summary>
internal static class SessionCookie
{
    public static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var access = context.HttpContext.RequestServices.GetRequiredService<AccessControl>();
        if (context.Principal is { } principal && PortalClaims.ActorOf(principal) is { } actor && await access.IsCurrentAsync(actor, context.HttpContext.RequestAborted))
            return;
        context.RejectPrincipal();
        await context.HttpContext.SignOutAsync(context.Scheme.Name);
    }
}
