using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Access;
using Portal.Accounts.Passkeys;
using Portal.Accounts.Profile;
using Portal.Accounts.SecondFactor;
using Portal.Accounts.Sessions;
using Portal.Accounts.SingleSignOn;
using Portal.Accounts.Users;
using Portal.Data;
using Portal.Data.KeyRing;

namespace Portal.Accounts;

/// <summary>Registers the services of this folder.</summary>
public static class AccountsExtensions
{
    public const string LoginPath = "/login";
    public const string SetupPath = "/setup";
    public const string LogoutPath = "/logout";

    /// <summary>Where a browser gets the challenge for a sign-in with a passkey.</summary>
    public const string PasskeyPath = "/login/passkey";

    public static void AddAccounts(this IHostApplicationBuilder builder)
    {
        // Stateless; Identity would otherwise create them for each request.
        builder.Services.AddSingleton<IPasswordHasher<PortalUser>, PasswordHasher<PortalUser>>();
        builder.Services.AddSingleton<ILookupNormalizer, UpperInvariantLookupNormalizer>();
        builder.Services.AddIdentityCore<PortalUser>(identity =>
            {
                identity.User.RequireUniqueEmail = true;
                // The user name is the email address, which may contain characters that Identity doesn't allow by default.
                identity.User.AllowedUserNameCharacters = "";
                // Length matters most. Rules about digits and symbols only make passwords easier to guess.
                identity.Password = new PasswordOptions
                {
                    RequiredLength = AccountRules.ShortestPassword, RequiredUniqueChars = 5, RequireDigit = false, RequireLowercase = false,
                    RequireUppercase = false, RequireNonAlphanumeric = false,
                };
            })
            .AddRoles<IdentityRole>()
            .AddEntityFrameworkStores<PortalDbContext>()
            .AddErrorDescriber<AccountErrorDescriber>()
            .AddSignInManager()
            .AddDefaultTokenProviders()
            .AddClaimsPrincipalFactory<PortalClaims>();

        builder.Services.AddAuthentication(IdentityConstants.ApplicationScheme).AddIdentityCookies(cookies =>
        {
            cookies.TwoFactorUserIdCookie!.Configure(cookie => cookie.Cookie.Name = "portal-code");
            cookies.ApplicationCookie!.Configure(cookie =>
            {
                cookie.LoginPath = LoginPath;
                cookie.AccessDeniedPath = "/not-found";
                cookie.ReturnUrlParameter = "returnUrl";
                cookie.SlidingExpiration = true;
                cookie.Cookie.Name = "portal";
                cookie.Cookie.HttpOnly = true;
                cookie.Cookie.SameSite = SameSiteMode.Lax;
                cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
                cookie.Events.OnValidatePrincipal = SessionCookie.ValidateAsync;
            });
        });
        builder.Services.AddOptions<CookieAuthenticationOptions>(IdentityConstants.ApplicationScheme)
            .Configure<IOptions<UserSessionOptions>>((cookie, options) => cookie.ExpireTimeSpan = TimeSpan.FromMinutes(options.Value.IdleMinutes));
        builder.Services.AddAntiforgery(forms => forms.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest);
        // Endpoints without an authorization policy require a signed-in user.
        builder.Services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        builder.Services.AddCascadingAuthenticationState();
        builder.Services.Configure<PasswordHasherOptions>(hasher => hasher.IterationCount = PasswordHashCost.Iterations);
        builder.Services.AddOptions<SignInOptions>().BindConfiguration(SignInOptions.Section, binder => binder.ErrorOnUnknownConfiguration = true).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<SignInLimiter>();
        builder.Services.AddSingleton<KnownDevices>();
        builder.Services.AddSingleton<PasswordChecker>();
        builder.Services.AddSingleton<RefusalTime>();
        builder.Services.AddSingleton<FailedSignIns>();
        builder.Services.AddHostedService(services => services.GetRequiredService<FailedSignIns>());
        builder.AddSingleSignOn();
        builder.Services.AddSingleton<IdTokenProtector>();
        builder.Services.AddScoped<SessionStarter>();
        builder.Services.AddScoped<SignInLinks>();
        builder.Services.AddScoped<SignInService>();
        builder.Services.AddScoped<BrowserSignIn>();
        builder.AddPasskeys();
        builder.Services.AddScoped<AccountService>();
        builder.Services.AddSingleton<AccountReader>();
        builder.Services.AddSingleton<FirstRun>();
        builder.Services.AddSingleton<SessionRecorder>();
        builder.Services.AddHostedService(services => services.GetRequiredService<SessionRecorder>());
        builder.Services.AddSingleton<OneTimePasswords>();
        builder.Services.AddSingleton<IEncryptedValues, EncryptedSecondFactors>();
        builder.Services.AddSingleton<IEncryptedValues, EncryptedIdTokens>();
        builder.Services.AddSingleton<SecondFactorService>();
        builder.Services.AddSingleton<SecondFactorVerifier>();
        builder.Services.AddSingleton<SecondFactorPolicy>();
        builder.Services.AddSingleton<SessionService>();
        builder.Services.AddSingleton<ProofService>();
        builder.Services.AddSingleton<ProfileService>();
        builder.Services.AddScoped<PasswordChange>();
        builder.Services.AddSingleton<OneTimeLinks>();
        builder.Services.AddSingleton<LinkMails>();
        builder.Services.AddSingleton<PasswordRequests>();
        builder.Services.AddHostedService(services => services.GetRequiredService<PasswordRequests>());
        builder.Services.AddScoped<OneTimeLinkService>();
        builder.Services.AddSingleton<UserReader>();
        builder.Services.AddSingleton<UserLookup>();
        builder.Services.AddSingleton<UserAccess>();
        builder.Services.AddSingleton<UserService>();
        builder.Services.AddSingleton<InvitationService>();
    }

    private static void AddPasskeys(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<PasskeyOptions>().BindConfiguration(PasskeyOptions.Section, binder => binder.ErrorOnUnknownConfiguration = true).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<IdentityPasskeyOptions>().Configure<IOptions<PasskeyOptions>>((handler, options) => PasskeyCeremonies.Configure(handler, options.Value));
        builder.Services.AddSingleton<PasskeyChallenges>();
        builder.Services.AddSingleton<PasskeyCeremonies>();
        builder.Services.AddSingleton<PasskeyService>();
        builder.Services.AddScoped<PasskeySignIn>();
    }

    /// <summary>Logs the setup code if there is no user yet.</summary>
    public static async Task PrepareFirstRunAsync(this IServiceProvider services)
    {
        await using var context = await services.GetRequiredService<IDbContextFactory<PortalDbContext>>().CreateDbContextAsync();
        await services.GetRequiredService<FirstRun>().PrepareAsync(context);
    }

    /// <summary>Redirects every page to the setup page until there is an administrator. After that, the setup page doesn't exist.</summary>
    public static void UseFirstRun(this IApplicationBuilder app) => app.UseMiddleware<FirstRunRedirect>();

    /// <summary>Lets the audit log name the addresses of signed-in people. Follows the authentication.</summary>
    public static void UseClientAddresses(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        ClientAddressClaim.Add(context);
        return next(context);
    });

    /// <summary>Leads people who must set up a second factor to their profile.</summary>
    public static void UseSecondFactorPolicy(this IApplicationBuilder app) => app.UseMiddleware<SecondFactorRedirect>();

    /// <summary>Whether the antiforgery token is valid. A form that can't be read isn't valid either.</summary>
    private static async Task<bool> IsValidAsync(IAntiforgery antiforgery, HttpContext context)
    {
        try
        {
            return await antiforgery.IsRequestValidAsync(context);
        }
        catch (AntiforgeryValidationException)
        {
            return false;
        }
    }

    public static void MapAccounts(this IEndpointRouteBuilder app)
    {
        // Changes nothing, so it needs no antiforgery token. The forms that send the answer have one.
        app.MapPost(PasskeyPath, async (BrowserSignIn signIn, HttpContext context, bool afterPassword = false) =>
            await signIn.BeginPasskeyAsync(context, afterPassword) is { } request ? Results.Json(request) : Results.NoContent()).AllowAnonymous().DisableAntiforgery();
        app.MapPost(LogoutPath, async (AccountService accounts, IAntiforgery antiforgery, ProviderSessions sessions, ProviderSignOut providers, HttpContext context) =>
        {
            // The middleware doesn't check endpoints that don't read a form.
            if (!await IsValidAsync(antiforgery, context))
                return Results.LocalRedirect("~/sign-out");
            var actor = context.User.ToActor();
            var begun = await sessions.FindAsync(actor.SessionId, context.RequestAborted);
            await accounts.SignOutAsync(actor);
            if (begun is not { Provider: var provider, IdToken: var idToken } || await providers.FindAsync(provider, idToken, ReturnAddressOf(context, provider), context.RequestAborted) is not { } address)
                return Results.LocalRedirect($"~{LoginPath}?{SessionNotice.Parameter}={SessionNotice.SignedOut}");
            context.Response.Headers.CacheControl = "no-store";
            return new RazorComponentResult<ContinuePage>(new { Address = address, Provider = provider.DisplayName });
        }).RequireAuthorization();
        app.MapSingleSignOn();
    }

    /// <summary>The address to which the provider sends the person after the sign-out there.</summary>
    private static string ReturnAddressOf(HttpContext context, SignInProvider provider) =>
        $"{context.Request.Scheme}://{context.Request.Host}{context.Request.PathBase}{ProviderPaths.Callback(provider.Name)}/signed-out";
}
