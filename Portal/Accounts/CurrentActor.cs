using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Portal.Access;

namespace Portal.Accounts;

/// <summary>Gets the signed-in user of this circuit or request. Pages and endpoints pass it to services.</summary>
public static class CurrentActor
{
    /// <exception cref="InvalidOperationException">Nobody is signed in: the page or endpoint allows anonymous access by mistake.</exception>
    public static Actor ToActor(this ClaimsPrincipal principal) =>
        PortalClaims.ActorOf(principal) ?? throw new InvalidOperationException("Nobody is signed in.");

    /// <inheritdoc cref="ToActor"/>
    public static async Task<Actor> GetActorAsync(this AuthenticationStateProvider authentication) =>
        (await authentication.GetAuthenticationStateAsync()).User.ToActor();
}
