using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Accounts.Profile;
using Portal.Accounts.SecondFactor;
using Portal.Addresses;
using Portal.Audit;
using Portal.Data;

namespace Portal.Accounts.Sessions;

/// <summary>Where a session comes from.</summary>
/// <param name="Address">The address of the client; null: unknown.</param>
/// <param name="Browser">The <c>User-Agent</c> header; null: none.</param>
/// <param name="Provider">The provider that signed the person in; null: Portal itself.</param>
/// <param name="Method">How the person proved to Portal who they are; null: by a provider or a link.</param>
public sealed record SessionOrigin(IPAddress? Address, string? Browser, ProviderSession? Provider = null, SignInMethod? Method = null);

/// <summary>A session at an identity provider.</summary>
/// <param name="Name">The name of the provider in the configuration.</param>
/// <param name="Subject">The provider's ID of the person.</param>
/// <param name="SessionId">The provider's ID of its session; null: it sent none.</param>
/// <param name="IdToken">For the sign-out at the provider; null: none.</param>
public sealed record ProviderSession(string Name, string Subject, string? SessionId, string? IdToken)
{
    /// <summary>Omits the token, which must not appear in logs.</summary>
    public override string ToString() => Name;
}

/// <summary>Begins the session of a person who has proved who they are.</summary>
public sealed class SessionStarter(PortalDbContext context, SignInManager<PortalUser> signIn, IdTokenProtector tokens, SecondFactorPolicy policy, AuditLog audit, TimeProvider clock)
{
    /// <summary>The maximum number of sessions of a user. The one that wasn't used for the longest time ends.</summary>
    internal const int MostSessions = 50;

    /// <summary>Stores the session, and adds its cookie to the response.</summary>
    /// <param name="user">Tracked by the context of this request.</param>
    public async Task BeginAsync(PortalUser user, SessionOrigin origin, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        user.LastSignInAt = now;
        await policy.NoteSignInAsync(context, user, byProvider: origin.Provider is not null, cancellation);
        var (id, provider) = (Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(UserSession.IdLength / 2)), origin.Provider);
        context.UserSessions.Add(new UserSession
        {
            Id = id, UserId = user.Id, CreatedAt = now, LastSeenAt = now, ProvedAt = now, Address = AddressNumber.Write(origin.Address), Browser = Cut(origin.Browser),
            Provider = provider?.Name, ProviderSubject = provider?.Subject, ProviderSessionId = provider?.SessionId, ProtectedIdToken = tokens.Protect(id, provider?.IdToken),
        });
        context.UserSessions.RemoveRange(await context.UserSessions.Where(other => other.UserId == user.Id)
            .OrderByDescending(other => other.LastSeenAt).Skip(MostSessions - 1).ToListAsync(cancellation));
        audit.Add(
            context, new Actor(ActorKind.User, user.Id, user.DisplayName, user.AccountId, Role.Viewer) { Address = AddressNumber.Write(origin.Address) }, AuditAction.UserSignedIn, user.Id, user.DisplayName,
            Describe(origin));
        await context.SaveChangesAsync(cancellation);
        // Last: the cookie is only valid with a stored session.
        await signIn.SignInWithClaimsAsync(user, isPersistent: false, [new Claim(PortalClaims.SessionId, id)]);
        PreferenceCookies.Write(signIn.Context, UserPreferences.Of(user));
    }

    /// <summary>Lets the person enter a code of the second factor first, see <see cref="SignInService.EnterCodeAsync"/>.</summary>
    /// <param name="provider">The provider that signed the person in; null: Portal itself.</param>
    public Task AskForCodeAsync(PortalUser user, ProviderSession? provider) =>
        signIn.Context.SignInAsync(IdentityConstants.TwoFactorUserIdScheme, PendingSignIn.Write(user, provider));

    private static Dictionary<string, object?> Describe(SessionOrigin origin)
    {
        var details = new Dictionary<string, object?>();
        if (origin.Provider is { } provider)
            details["provider"] = provider.Name;
        else if (origin.Method is { } method)
            details["method"] = method switch
            {
                SignInMethod.PasswordAndCode => "password_and_code",
                SignInMethod.PasswordAndPasskey => "password_and_passkey",
                SignInMethod.Passkey => "passkey",
                _ => "password",
            };
        return details;
    }

    private static string? Cut(string? browser) =>
        TextRules.Clean(browser) is { } text ? SecretText.Hide(text.Length > UserSession.BrowserLength ? text[..UserSession.BrowserLength] : text) : null;
}
