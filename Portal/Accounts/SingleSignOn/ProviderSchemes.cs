using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Portal.Accounts.SingleSignOn;

/// <summary>Registers an authentication scheme for each provider, with the name of the provider.</summary>
internal sealed class ProviderSchemes(SignInProviders providers, ProviderEvents events, TimeProvider clock)
    : IConfigureOptions<AuthenticationOptions>, IConfigureNamedOptions<OpenIdConnectOptions>
{
    public const string Prefix = "provider:";

    /// <summary>How much the clocks of Portal and a provider may differ.</summary>
    internal static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    /// <summary>How long a person may take at the provider.</summary>
    internal static readonly TimeSpan LongestSignIn = TimeSpan.FromMinutes(10);

    internal static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(10);

    private const int LargestDocument = 1024 * 1024;

    /// <summary>Signatures with a key that only the provider has. HS256 would use the client secret, which Portal has too.</summary>
    internal static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    private static readonly string[] DefaultScopes = ["openid", "profile", "email"];

    public static string Of(SignInProvider provider) => Prefix + provider.Name;

    public void Configure(AuthenticationOptions options)
    {
        foreach (var provider in providers.All)
            options.AddScheme<ProviderHandler>(Of(provider), displayName: null);
    }

    public void Configure(OpenIdConnectOptions options)
    {
    }

    public void Configure(string? name, OpenIdConnectOptions options)
    {
        if (name is null || !name.StartsWith(Prefix, StringComparison.Ordinal) || providers.Find(name[Prefix.Length..]) is not { } provider)
            return;
        var settings = provider.Options;
        (options.Authority, options.ClientId, options.ClientSecret) = (settings.Authority, settings.ClientId, SignInProviders.SecretOf(settings));
        (options.RequireHttpsMetadata, options.TokenHandler) = (settings.Authority.StartsWith("https:", StringComparison.OrdinalIgnoreCase), new SignedTokenHandler());
        // The response comes in the address: with form_post, browsers would send the cookies only with SameSite=None.
        (options.ResponseType, options.ResponseMode, options.UsePkce) = (OpenIdConnectResponseType.Code, OpenIdConnectResponseMode.Query, true);
        options.Scope.Clear();
        foreach (var scope in (settings.Scopes.Count > 0 ? settings.Scopes : [.. DefaultScopes]).Prepend("openid").Distinct(StringComparer.Ordinal))
            options.Scope.Add(scope);
        (options.DisableTelemetry, options.TimeProvider) = (true, clock);
        (options.SaveTokens, options.Events, options.RemoteAuthenticationTimeout) = (true, events, LongestSignIn);
        options.CallbackPath = ProviderPaths.Callback(provider.Name);
        // Portal signs out itself.
        options.RemoteSignOutPath = options.SignedOutCallbackPath = PathString.Empty;
        options.CorrelationCookie = new ShortCookie(ProviderPaths.CorrelationCookie, options.CallbackPath);
        options.NonceCookie = new ShortCookie(ProviderPaths.NonceCookie, options.CallbackPath);
        options.ProtocolValidator.NonceLifetime = LongestSignIn;
        ConfigureClaims(options, settings);
        ConfigureCalls(options, settings);
        options.TokenValidationParameters = Parameters(settings.ClientId);
    }

    /// <summary>The rules for tokens of a provider. The handler adds the issuer and the keys.</summary>
    internal TokenValidationParameters Parameters(string clientId) => new()
    {
        ValidAudience = clientId, ValidAlgorithms = Algorithms, RequireSignedTokens = true, ValidateIssuer = true,
        LifetimeValidator = (notBefore, expires, _, _) => IsCurrent(notBefore, expires),
    };

    private bool IsCurrent(DateTime? notBefore, DateTime? expires)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        return expires is not null && now < expires + ClockSkew && (notBefore is null || now > notBefore - ClockSkew);
    }

    /// <summary>The claims of the user info endpoint that Portal uses. Those of the ID token need no rule.</summary>
    private static void ConfigureClaims(OpenIdConnectOptions options, ProviderOptions settings)
    {
        options.GetClaimsFromUserInfoEndpoint = settings.UserInfo;
        options.ClaimActions.Clear();
        foreach (var claim in new[] { settings.EmailClaim, "email_verified", "name" }.Distinct(StringComparer.Ordinal))
            options.ClaimActions.MapUniqueJsonKey(claim, claim);
        options.ClaimActions.MapJsonKey(settings.RoleClaim, settings.RoleClaim);
    }

    private static void ConfigureCalls(OpenIdConnectOptions options, ProviderOptions settings)
    {
        // A redirect could send the client secret elsewhere.
        options.Backchannel = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
        {
            Timeout = LongestCall, MaxResponseContentBufferSize = LargestDocument,
        };
        options.ConfigurationManager = new ConfigurationManager<OpenIdConnectConfiguration>(
            ProviderMetadata.AddressOf(settings.Authority), new ProviderMetadata(settings.Authority),
            new HttpDocumentRetriever(options.Backchannel) { RequireHttps = options.RequireHttpsMetadata });
    }

    /// <summary>Requires a signature also of ID tokens that come directly from the provider. The framework doesn't.</summary>
    private sealed class SignedTokenHandler : JsonWebTokenHandler
    {
        public SignedTokenHandler() => MapInboundClaims = false;

        public override Task<TokenValidationResult> ValidateTokenAsync(string token, TokenValidationParameters validationParameters)
        {
            var parameters = validationParameters.Clone();
            parameters.RequireSignedTokens = true;
            return base.ValidateTokenAsync(token, parameters);
        }
    }

    /// <summary>A cookie that ends after some minutes by the browser's own clock.</summary>
    private sealed class ShortCookie : CookieBuilder
    {
        private readonly PathString _callback;

        public ShortCookie(string name, PathString callback)
        {
            _callback = callback;
            (Name, Path, HttpOnly, IsEssential) = (name, callback, true, true);
            (SameSite, SecurePolicy) = (SameSiteMode.Lax, CookieSecurePolicy.SameAsRequest);
        }

        public override CookieOptions Build(HttpContext context, DateTimeOffset expiresFrom)
        {
            var options = base.Build(context, expiresFrom);
            options.Path = context.Request.PathBase + options.Path;
            // With an age, browsers would ignore the expiration by which the handler deletes the cookie at the callback.
            (options.Expires, options.MaxAge) = (null, context.Request.Path == _callback ? null : LongestSignIn);
            return options;
        }
    }
}
