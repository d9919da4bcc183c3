using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;

namespace Portal.Components.Circuits;

/// <summary>Who uses this circuit, until the session ends. Then nobody does, and every page of it gives way to the sign-in page.</summary>
internal sealed class CircuitAuthentication : ServerAuthenticationStateProvider
{
    public void End() => SetAuthenticationState(Task.FromResult(new AuthenticationState(new ClaimsPrincipal(new ClaimsIdentity()))));
}
