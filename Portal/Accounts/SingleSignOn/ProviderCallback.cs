using System.Globalization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Portal.Access;
using Portal.Accounts.Sessions;
using Portal.Addresses;

namespace Portal.Accounts.SingleSignOn;

/// <summary>Begins and completes a round trip to a provider.</summary>
/// <remarks>The purpose of the trip, and what belongs to it, travels encrypted in the parameter <c>state</c>, which only the browser that began the trip
/// can use.</remarks>
internal sealed class ProviderCallback(ProviderSignInService signIn, ProviderConnections connections, ProviderProof proof, TimeProvider clock)
{
    private const string Purpose = "portal.purpose", Invitation = "portal.invitation", Session = "portal.session", Return = "portal.return", BegunAt = "portal.begun";
    private const int LongestReturnUrl = 2048;
    private const string SignInPurpose = "sign-in", ConnectPurpose = "connect", ProvePurpose = "prove";

    /// <param name="returnUrl">The address to open then. Only a path of Portal counts.</param>
    /// <param name="invitation">The code of the invitation that the person accepts; null: none.</param>
    public static AuthenticationProperties ToSignIn(string? returnUrl, string? invitation)
    {
        var properties = Empty();
        (properties.Items[Purpose], properties.Items[Return]) = (SignInPurpose, returnUrl is { Length: <= LongestReturnUrl } ? returnUrl : null);
        if (invitation is not null)
            properties.Items[Invitation] = invitation;
        return properties;
    }

    public static AuthenticationProperties ToConnect(Actor actor) => Of(ConnectPurpose, actor);

    /// <summary>The provider must ask for the credentials again, even if the person is signed in there.</summary>
    public AuthenticationProperties ToProve(Actor actor, SignInProvider? provider)
    {
        var properties = Of(ProvePurpose, actor);
        properties.Items[BegunAt] = clock.GetUtcNow().UtcTicks.ToString(CultureInfo.InvariantCulture);
        properties.SetParameter<string?>("prompt", provider?.Options.ProofPrompt);
        properties.SetParameter<TimeSpan?>("max_age", TimeSpan.Zero);
        return properties;
    }

    /// <summary>Does what the person began the trip for.</summary>
    /// <returns>The problem, or the local address to open next.</returns>
    public async Task<(SignInProblem? Problem, string Address)> CompleteAsync(HttpContext context, ProviderIdentity identity, AuthenticationProperties properties)
    {
        if (properties.Items.TryGetValue(Purpose, out var purpose) && purpose == SignInPurpose)
            return await SignInAsync(context, identity, properties);
        // The handlers of providers run before the session cookie is read.
        var principal = (await context.AuthenticateAsync(IdentityConstants.ApplicationScheme)).Principal;
        if (principal is null || PortalClaims.ActorOf(principal) is not { SessionId: { } session } actor || !properties.Items.TryGetValue(Session, out var begun) || session != begun)
            return (SignInProblem.SessionEnded, "");
        actor = actor with { Address = AddressNumber.Write(context.Connection.RemoteIpAddress) };
        if (purpose == ConnectPurpose)
            return (await connections.ConnectAsync(actor, identity, context.RequestAborted), context.Request.PathBase + "/profile");
        var begunAt = new DateTime(long.Parse(properties.Items[BegunAt]!, CultureInfo.InvariantCulture), DateTimeKind.Utc);
        return (await proof.ProveAsync(actor, identity, begunAt, context.RequestAborted), context.Request.PathBase + ProvedPage.Path);
    }

    private async Task<(SignInProblem? Problem, string Address)> SignInAsync(HttpContext context, ProviderIdentity identity, AuthenticationProperties properties)
    {
        var result = await signIn.SignInAsync(
            identity, properties.Items.TryGetValue(Invitation, out var invitation) ? invitation : null,
            new SessionOrigin(context.Connection.RemoteIpAddress, context.Request.Headers.UserAgent), context.RequestAborted);
        if (result.Problem is null && invitation is not null)
            InvitationCookie.Delete(context);
        var next = LocalPath.OrDefault(properties.Items.TryGetValue(Return, out var address) ? address : null, "/tokens", context.Request.PathBase);
        return (result.Problem, result.NeedsCode ? $"{context.Request.PathBase}/login/code?returnUrl={Uri.EscapeDataString(next)}" : next);
    }

    /// <summary>With an address, because the framework would otherwise add the current one.</summary>
    private static AuthenticationProperties Empty() => new() { RedirectUri = "/" };

    private static AuthenticationProperties Of(string purpose, Actor actor)
    {
        var properties = Empty();
        (properties.Items[Purpose], properties.Items[Session]) = (purpose, actor.SessionId);
        return properties;
    }
}
