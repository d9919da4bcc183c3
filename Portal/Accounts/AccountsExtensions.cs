using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Portal.Data;

namespace Portal.Accounts;

/// <summary>Registers the services of this folder.</summary>
public static class AccountsExtensions
{
    public const string LoginPath = "/login";
    public const string SetupPath = "/setup";
    public const string LogoutPath = "/logout";

    public static void AddAccounts(this IHostApplicationBuilder builder)
    {
        // Stateless; Identity would add it for each request.
        builder.Services.AddSingleton<IPasswordHasher<PortalUser>, PasswordHasher<PortalUser>>();
        builder.Services.AddIdentityCore<PortalUser>(identity =>
            {
                identity.User.RequireUniqueEmail = true;
                // The user name is the email address, and an address may hold more characters than Identity's list.
                identity.User.AllowedUserNameCharacters = "";
                // Length is what counts; rules about digits and signs only make passwords guessable.
                identity.Password = new PasswordOptions
                {
                    RequiredLength = AccountService.ShortestPassword, RequiredUniqueChars = 5, RequireDigit = false, RequireLowercase = false,
                    RequireUppercase = false, RequireNonAlphanumeric = false,
                };
            })
            .AddRoles<IdentityRole>()
            .AddEntityFrameworkStores<PortalDbContext>()
            .AddErrorDescriber<AccountErrorDescriber>()
            .AddSignInManager()
            .AddDefaultTokenProviders()
            .AddClaimsPrincipalFactory<PortalClaims>();

        builder.Services.AddAuthentication(IdentityConstants.ApplicationScheme).AddIdentityCookies(cookies => cookies.ApplicationCookie!.Configure(cookie =>
        {
            cookie.LoginPath = LoginPath;
            cookie.AccessDeniedPath = "/not-found";
            cookie.ReturnUrlParameter = "returnUrl";
            cookie.ExpireTimeSpan = TimeSpan.FromHours(12);
            cookie.SlidingExpiration = true;
            cookie.Cookie.Name = "portal";
            cookie.Cookie.HttpOnly = true;
            cookie.Cookie.SameSite = SameSiteMode.Lax;
            cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            cookie.Events.OnValidatePrincipal = SessionCookie.ValidateAsync;
        }));
        builder.Services.AddAntiforgery(forms => forms.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest);
        // Whatever says nothing of itself is closed.
        builder.Services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        builder.Services.AddCascadingAuthenticationState();
        builder.Services.Configure<PasswordHasherOptions>(hasher => hasher.IterationCount = PasswordHashCost.Iterations);
        builder.Services.AddOptions<SignInOptions>().BindConfiguration(SignInOptions.Section, binder => binder.ErrorOnUnknownConfiguration = true).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<SignInLimiter>();
        builder.Services.AddSingleton<KnownDevices>();
        builder.Services.AddSingleton<PasswordChecker>();
        builder.Services.AddSingleton<FailedSignIns>();
        builder.Services.AddHostedService(services => services.GetRequiredService<FailedSignIns>());
        builder.Services.AddScoped<SignInService>();
        builder.Services.AddScoped<AccountService>();
        builder.Services.AddSingleton<AccountReader>();
        builder.Services.AddSingleton<FirstRun>();
    }

    /// <summary>Prints the setup code when there is no user yet.</summary>
    public static async Task PrepareFirstRunAsync(this IServiceProvider services)
    {
        await using var context = await services.GetRequiredService<IDbContextFactory<PortalDbContext>>().CreateDbContextAsync();
        await services.GetRequiredService<FirstRun>().PrepareAsync(context);
    }

    /// <summary>Leads every page to the setup until there is an administrator; afterwards there is no such page.</summary>
    public static void UseFirstRun(this IApplicationBuilder app) => app.UseMiddleware<FirstRunRedirect>();

    /// <summary>A form that can't be read isn't valid either.</summary>
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

    public static void MapAccounts(this IEndpointRouteBuilder app) =>
        app.MapPost(LogoutPath, async (AccountService accounts, IAntiforgery antiforgery, HttpContext context) =>
        {
            // An endpoint that reads no form is not checked by the middleware.
            if (!await IsValidAsync(antiforgery, context))
                return Results.LocalRedirect("~/sign-out");
            await accounts.SignOutAsync(context.User.ToActor());
            return Results.LocalRedirect($"~{LoginPath}?{SessionNotice.Parameter}={SessionNotice.SignedOut}");
        }).RequireAuthorization();
}
