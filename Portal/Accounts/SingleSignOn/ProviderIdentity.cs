using System.Globalization;
using System.Security.Claims;
using Portal.Access;
using Portal.Data;

namespace Portal.Accounts.SingleSignOn;

/// <summary>What a provider says about a person who has just signed in. The tokens are already validated.</summary>
public sealed record ProviderIdentity
{
    /// <summary>The provider, which alone decides what <see cref="Subject"/> means.</summary>
    public required SignInProvider Provider { get; init; }

    /// <summary>The provider's ID of the person (<c>sub</c>), which never changes.</summary>
    public required string Subject { get; init; }

    /// <summary>The address of the person's browser, for the audit log; null: unknown.</summary>
    public string? Address { get; init; }

    /// <summary>The provider's ID of its session (<c>sid</c>); null: it sent none.</summary>
    public string? SessionId { get; init; }

    /// <summary>The ID by which a SCIM client knows the person; null: the provider isn't set up for it.</summary>
    public string? ScimId { get; init; }

    /// <summary>Null: the provider sent none, or none that Portal can use.</summary>
    public string? Email { get; init; }

    /// <summary>Whether the provider has checked that the address belongs to the person.</summary>
    public bool IsEmailVerified { get; init; }

    public string? Name { get; init; }
    public IReadOnlySet<string> Groups { get; init; } = new HashSet<string>();

    /// <summary>Whether there are more groups than the provider sends in a token.</summary>
    public bool LacksGroups { get; init; }

    public bool HasMultiFactor { get; init; }

    /// <summary>When the person last entered their credentials, in UTC; null: unknown.</summary>
    public DateTime? AuthenticatedAt { get; init; }

    /// <summary>For the sign-out at the provider; null: none.</summary>
    public string? IdToken { get; init; }

    /// <summary>Omits the claims, which must not appear in logs.</summary>
    public override string ToString() => Provider.Name;

    /// <summary>Reads the claims of a validated ID token and of the user info endpoint.</summary>
    /// <returns>Null: the subject is missing or too long.</returns>
    public static ProviderIdentity? From(SignInProvider provider, ClaimsPrincipal claims, string? idToken)
    {
        var settings = provider.Options;
        if (claims.FindFirstValue("sub") is not { Length: > 0 and <= UserSession.ProviderIdLength } subject)
            return null;
        var email = claims.FindFirstValue(settings.EmailClaim)?.Trim();
        return new ProviderIdentity
        {
            Provider = provider, Subject = subject, IdToken = idToken,
            SessionId = claims.FindFirstValue("sid") is { Length: > 0 and <= UserSession.ProviderIdLength } session ? session : null,
            ScimId = settings.ScimIdClaim.Length > 0 ? claims.FindFirstValue(settings.ScimIdClaim) : null,
            Email = email is not null && AccountRules.CheckEmail(email) is null ? email : null,
            // The claim email_verified says nothing about another claim than email.
            IsEmailVerified = settings.EmailClaim == "email" && bool.TryParse(claims.FindFirstValue("email_verified"), out var verified) ? verified : settings.TrustEmail,
            Name = claims.FindFirstValue("name"),
            Groups = claims.FindAll(settings.RoleClaim).Select(claim => claim.Value).ToHashSet(StringComparer.Ordinal),
            // Distributed claims (OpenID Connect Core 1.0, 5.6.2): Entra ID sends a reference instead of more than 200 groups.
            LacksGroups = claims.FindAll("_claim_names").Any(claim => claim.Value.Contains($"\"{settings.RoleClaim}\"", StringComparison.Ordinal)),
            HasMultiFactor = claims.FindAll("amr").Any(claim => claim.Value == "mfa") || claims.FindAll("acr").Any(claim => settings.MultiFactorAcr.Contains(claim.Value)),
            AuthenticatedAt = long.TryParse(claims.FindFirstValue("auth_time"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < int.MaxValue * 2L
                ? DateTimeOffset.FromUnixTimeSeconds(seconds).UtcDateTime : null,
        };
    }

    /// <summary>Finds out whether the provider's settings let the person in.</summary>
    /// <returns>The reason for the refusal; null: the person may enter.</returns>
    internal SignInProblem? FindRefusal()
    {
        var settings = Provider.Options;
        if (settings.RequireMultiFactor && !HasMultiFactor)
            return SignInProblem.NoMultiFactor;
        if (LacksGroups && (settings.AllowedGroups.Count > 0 || !settings.Roles.IsEmpty))
            return SignInProblem.TooManyGroups;
        if (settings.AllowedDomains.Count > 0 && !(IsEmailVerified && settings.AllowedDomains.Exists(IsMyDomain)))
            return SignInProblem.NotAllowed;
        if (settings.AllowedGroups.Count > 0 && !settings.AllowedGroups.Exists(Groups.Contains))
            return SignInProblem.NotAllowed;
        return null;
    }

    /// <summary>The role by the groups, or the default one; null: none.</summary>
    internal Role? Role => Provider.Options.Roles.Find(Groups) ?? Provider.Options.DefaultRole;

    /// <summary>A name that a user can have: the person's name at the provider, or the first part of the address.</summary>
    internal string UserNameFor(string email)
    {
        foreach (var name in new[] { TextRules.Clean(Name), email.Split('@')[0] })
        {
            var cut = name is { Length: > PortalUser.DisplayNameLength } ? name[..PortalUser.DisplayNameLength].Trim() : name?.Trim();
            if (cut is not null && AccountRules.CheckName(cut) is null)
                return cut;
        }

        return Provider.DisplayName;
    }

    private bool IsMyDomain(string domain) => Email is not null && Email.EndsWith($"@{domain}", StringComparison.OrdinalIgnoreCase);
}
