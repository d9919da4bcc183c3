using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;

namespace Portal.Components.Circuits;

/// <summary>Provides the user of a circuit until the session ends. Then there is none, and every page redirects to the sign-in page.</summary>
internal sealed class CircuitAuthentication : ServerAuthenticationStateProvider
{
    public void End() => SetAuthenticationState(Task.FromResult(new AuthenticationState(new ClaimsPrincipal(new ClaimsIdentity()))));
}
