using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Portal.Accounts.SingleSignOn;

/// <summary>Registers the services of this folder.</summary>
public static class SingleSignOnExtensions
{
    /// <summary>In bytes. A logout token has at most a few thousand.</summary>
    private const int LargestLogout = 32 * 1024;

    public static void AddSingleSignOn(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<IValidateOptions<SignInOptions>, ProviderValidator>();
        services.AddSingleton<SignInProviders>();
        services.AddSingleton<ProviderSchemes>();
        services.AddSingleton<ProviderEvents>();
        services.AddSingleton<IConfigureOptions<AuthenticationOptions>>(all => all.GetRequiredService<ProviderSchemes>());
        services.AddSingleton<IConfigureOptions<OpenIdConnectOptions>>(all => all.GetRequiredService<ProviderSchemes>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<OpenIdConnectOptions>, OpenIdConnectPostConfigureOptions>());
        // The framework logs the encrypted state and the cookies of a sign-in at the levels below.
        builder.Logging.AddFilter(typeof(ProviderHandler).FullName, LogLevel.Information);
        services.AddTransient<ProviderHandler>();
        services.AddSingleton<ConnectionTickets>();
        services.AddSingleton<ProviderConnections>();
        services.AddSingleton<ProviderProof>();
        services.AddSingleton<ProviderRoles>();
        services.AddSingleton<ProviderSessions>();
        services.AddSingleton<ProviderSignOut>();
        services.AddSingleton<LogoutTokens>();
        services.AddScoped<ProviderSignInService>();
        services.AddScoped<ProviderCallback>();
    }

    public static void MapSingleSignOn(this IEndpointRouteBuilder app)
    {
        var provider = app.MapGroup(ProviderPaths.Callback("{provider}")).AllowAnonymous();
        provider.MapGet("/start", (string provider, string? returnUrl, HttpContext context) =>
            ChallengeAsync(context, provider, ProviderCallback.ToSignIn(returnUrl, invitation: null)));
        provider.MapGet("/join", async (string provider, SignInProviders providers, HttpContext context) =>
        {
            if (InvitationCookie.Read(context) is { } invitation)
                await ChallengeAsync(context, provider, ProviderCallback.ToSignIn(null, invitation));
            else if (providers.Find(provider) is { } known)
                ProviderEvents.ShowProblem(context, known, SignInProblem.InvitationEnded);
            else
                context.Response.StatusCode = StatusCodes.Status404NotFound;
        });
        provider.MapPost("/logout", LogOutAsync);
        provider.MapGet("/signed-out", () => Results.LocalRedirect($"~{AccountsExtensions.LoginPath}?{SessionNotice.Parameter}={SessionNotice.SignedOut}"));

        var person = app.MapGroup(ProviderPaths.Callback("{provider}")).RequireAuthorization();
        person.MapGet("/connect", async (string provider, string? ticket, SignInProviders providers, ConnectionTickets tickets, HttpContext context) =>
        {
            var actor = context.User.ToActor();
            if (providers.Find(provider) is not { } known)
                context.Response.StatusCode = StatusCodes.Status404NotFound;
            else if (!tickets.IsValid(ticket, actor, known))
                ProviderEvents.ShowProblem(context, known, SignInProblem.Expired);
            else
                await ChallengeAsync(context, provider, ProviderCallback.ToConnect(actor));
        });
        person.MapGet("/prove", (string provider, SignInProviders providers, ProviderCallback callback, HttpContext context) =>
            ChallengeAsync(context, provider, callback.ToProve(context.User.ToActor(), providers.Find(provider))));
    }

    /// <summary>Sends the browser to the provider.</summary>
    private static async Task ChallengeAsync(HttpContext context, string name, AuthenticationProperties properties)
    {
        var services = context.RequestServices;
        if (services.GetRequiredService<SignInProviders>().Find(name) is not { } provider)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        context.Response.Headers.CacheControl = "no-store";
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        patience.CancelAfter(ProviderSchemes.LongestCall);
        try
        {
            var scheme = ProviderSchemes.Of(provider);
            // First, with a limit: several people may wait for the same document.
            await services.GetRequiredService<IOptionsMonitor<OpenIdConnectOptions>>().Get(scheme).ConfigurationManager!.GetConfigurationAsync(patience.Token);
            await context.ChallengeAsync(scheme, properties);
        }
        catch (Exception exception) when (!context.RequestAborted.IsCancellationRequested)
        {
            services.GetRequiredService<ProviderEvents>().NoteUnavailable(provider, exception, context.TraceIdentifier);
            ProviderEvents.ShowProblem(context, provider, SignInProblem.Unavailable);
        }
    }

    /// <summary>Ends the sessions that a provider names (back-channel logout). The provider calls it, not a browser.</summary>
    private static async Task<Results<NotFound<LogoutRefusal>, Ok, BadRequest<LogoutRefusal>>> LogOutAsync(
        string provider, SignInProviders providers, LogoutTokens tokens, ProviderSessions sessions, ProviderEvents events, HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (providers.Find(provider) is not { } known)
            return TypedResults.NotFound(new LogoutRefusal("invalid_request", "There is no such provider."));
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = LargestLogout;
        try
        {
            var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync(context.RequestAborted) : FormCollection.Empty;
            if (await tokens.ValidateAsync(known, form["logout_token"], context.RequestAborted) is not { } request)
                return TypedResults.BadRequest(new LogoutRefusal("invalid_request", "The logout token is missing or invalid, or was already used."));
            await sessions.EndAsync(known, request.Subject, request.SessionId, context.RequestAborted);
            return TypedResults.Ok();
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or HttpRequestException or InvalidOperationException or ArgumentException && !context.RequestAborted.IsCancellationRequested)
        {
            events.NoteUnavailable(known, exception, context.TraceIdentifier);
            return TypedResults.BadRequest(new LogoutRefusal("invalid_request", "The logout token could not be read or checked."));
        }
    }

    /// <summary>The response to a logout token that isn't accepted (Back-Channel Logout 1.0, 2.8).</summary>
    /// <param name="error">The code.</param>
    /// <param name="error_description">For the log of the provider.</param>
    private sealed record LogoutRefusal(string error, string error_description);
}
