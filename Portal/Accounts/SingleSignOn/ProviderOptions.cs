using Portal.Access;

namespace Portal.Accounts.SingleSignOn;

/// <summary>Who becomes a user at the first sign-in with a provider.</summary>
public enum NewUserPolicy
{
    /// <summary>Only people who open an invitation link.</summary>
    Invited,

    /// <summary>Everyone whom the provider's settings let in.</summary>
    Create,
}

/// <summary>The settings of an identity provider (OpenID Connect) under <c>SignIn:Providers:name</c>.</summary>
public sealed class ProviderOptions
{
    /// <summary>The name on the sign-in button. Empty: the name of the section.</summary>
    public string DisplayName { get; set; } = "";

    /// <summary>The issuer. Its discovery document is below <c>/.well-known/openid-configuration</c>.</summary>
    public string Authority { get; set; } = "";

    public string ClientId { get; set; } = "";

    /// <summary>Empty: <see cref="ClientSecretFile"/> contains it.</summary>
    public string ClientSecret { get; set; } = "";

    /// <summary>The path of a file that contains the client secret.</summary>
    public string ClientSecretFile { get; set; } = "";

    /// <summary>Empty: <c>openid</c>, <c>profile</c> and <c>email</c>.</summary>
    public List<string> Scopes { get; set; } = [];

    /// <summary>Whether Portal also reads the claims of the user info endpoint.</summary>
    public bool UserInfo { get; set; } = true;

    public string EmailClaim { get; set; } = "email";

    /// <summary>Whether email addresses count as verified if the provider doesn't say so with the claim <c>email_verified</c>.</summary>
    public bool TrustEmail { get; set; }

    /// <summary>The claim with the groups or roles of the person.</summary>
    public string RoleClaim { get; set; } = "groups";

    public RoleGroups Roles { get; set; } = new();

    /// <summary>The role of people who have none by <see cref="Roles"/>; null: they can't sign in, if there are <see cref="Roles"/>.</summary>
    public Role? DefaultRole { get; set; }

    /// <summary>Whether each sign-in changes the role to the one that <see cref="Roles"/> names.</summary>
    public bool UpdateRoles { get; set; } = true;

    /// <summary>The domains of the verified email addresses that may enter. Empty: all.</summary>
    public List<string> AllowedDomains { get; set; } = [];

    /// <summary>The groups of <see cref="RoleClaim"/> whose members may enter. Empty: all.</summary>
    public List<string> AllowedGroups { get; set; } = [];

    public NewUserPolicy NewUsers { get; set; }

    /// <summary>The claim that is equal to the <c>externalId</c> of users whom the provider creates by SCIM. Empty: it isn't used.</summary>
    public string ScimIdClaim { get; set; } = "";

    /// <summary>Whether the provider must say that the person used a second factor.</summary>
    public bool RequireMultiFactor { get; set; }

    /// <summary>The values of the claim <c>acr</c> that mean a second factor. The provider is asked for them.</summary>
    public List<string> MultiFactorAcr { get; set; } = [];

    /// <summary>Whether Portal asks for its own second factor unless the provider says that it used one.</summary>
    public bool AskSecondFactor { get; set; }

    /// <summary>Whether a repeated sign-in only counts as a proof if the provider says when the person signed in (<c>auth_time</c>).</summary>
    public bool RequireAuthTime { get; set; } = true;

    /// <summary>The parameter <c>prompt</c> with which Portal asks for a repeated sign-in.</summary>
    public string ProofPrompt { get; set; } = "login";
}

/// <summary>The groups that have each role. The highest role counts.</summary>
public sealed class RoleGroups
{
    public List<string> Administrator { get; set; } = [];
    public List<string> Operator { get; set; } = [];
    public List<string> Viewer { get; set; } = [];

    internal bool IsEmpty => Administrator.Count + Operator.Count + Viewer.Count == 0;

    /// <returns>Null: none of the groups has a role.</returns>
    internal Role? Find(IReadOnlySet<string> groups) =>
        Administrator.Exists(groups.Contains) ? Role.Administrator
        : Operator.Exists(groups.Contains) ? Role.Operator
        : Viewer.Exists(groups.Contains) ? Role.Viewer
        : null;
}
