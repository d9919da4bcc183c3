using Microsoft.AspNetCore.Authorization;
using Portal.Access;

namespace Portal.Accounts.SecondFactor;

/// <summary>Leads people whose second factor is overdue to their profile. <see cref="AccessControl"/> refuses everything else anyway.</summary>
internal sealed class SecondFactorRedirect(RequestDelegate next, UserStates users, TimeProvider clock)
{
    private static readonly PathString[] Allowed = ["/profile", "/change-password", "/sign-out", "/logout", "/signin", "/_blazor"];

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint() is { } endpoint && endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null
            && !Array.Exists(Allowed, path => context.Request.Path.StartsWithSegments(path, StringComparison.OrdinalIgnoreCase))
            && PortalClaims.ActorOf(context.User) is { } actor
            && (await users.GetAsync(actor.Id, context.RequestAborted))?.IsSecondFactorOverdue(actor, clock.GetUtcNow().UtcDateTime) == true)
        {
            context.Response.Redirect(context.Request.PathBase + "/profile");
            return;
        }

        await next(context);
    }
}
