using System.Security.Claims;
using Microsoft.AspNetCore.Identity;
using Portal.Accounts.Sessions;
using Portal.Data;

namespace Portal.Accounts;

/// <summary>The cookie of a sign-in that still needs a code of the second factor.</summary>
internal static class PendingSignIn
{
    private const string Provider = "portal:provider", Subject = "sub", ProviderSessionId = "sid", IdToken = "id_token";

    /// <param name="provider">The provider that signed the person in; null: Portal itself.</param>
    public static ClaimsPrincipal Write(PortalUser user, ProviderSession? provider)
    {
        var claims = new List<Claim> { new(ClaimTypes.NameIdentifier, user.Id), new(PortalClaims.SecurityStamp, user.SecurityStamp!) };
        if (provider is not null)
            claims.AddRange([new(Provider, provider.Name), new(Subject, provider.Subject), .. Optional(ProviderSessionId, provider.SessionId), .. Optional(IdToken, provider.IdToken)]);
        return new ClaimsPrincipal(new ClaimsIdentity(claims, IdentityConstants.TwoFactorUserIdScheme));
    }

    /// <returns>Null: Portal itself has checked the person's password.</returns>
    public static ProviderSession? ProviderOf(ClaimsPrincipal pending) => pending.FindFirstValue(Provider) is { } name && pending.FindFirstValue(Subject) is { } subject
        ? new ProviderSession(name, subject, pending.FindFirstValue(ProviderSessionId), pending.FindFirstValue(IdToken))
        : null;

    private static IEnumerable<Claim> Optional(string type, string? value) => value is null ? [] : [new Claim(type, value)];
}
