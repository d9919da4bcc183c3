using System.Collections.Concurrent;
using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Portal.Tests.Accounts.SingleSignOn;

/// <summary>A real OpenID Connect provider (OpenIddict) on a free port of this machine. People sign in by choosing their account.</summary>
internal sealed class TestProvider : IAsyncDisposable
{
    public const string ClientId = "portal", ClientSecret = "a secret of the tests";
    private const string SessionCookie = "provider-session";

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, (string Subject, DateTimeOffset At)> _sessions = new();

    private TestProvider(WebApplication app) => _app = app;

    public RelayClock Clock { get; } = new();

    /// <summary>The issuer.</summary>
    public string Address { get; private set; } = "";

    public ConcurrentDictionary<string, TestPerson> People { get; } = new();

    /// <summary>The addresses of the sign-outs.</summary>
    public ConcurrentQueue<string> SignOuts { get; } = new();

    public static async Task<TestProvider> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddAuthentication();
        TestProvider? provider = null;
        builder.Services.AddOpenIddict().AddServer(server =>
        {
            server.EnableDegradedMode().AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange()
                .SetAuthorizationEndpointUris("authorize").SetTokenEndpointUris("token").SetUserInfoEndpointUris("userinfo").SetEndSessionEndpointUris("end-session")
                .RegisterScopes(Scopes.Profile, Scopes.Email).AddEphemeralEncryptionKey().AddEphemeralSigningKey().DisableAccessTokenEncryption();
            server.UseAspNetCore().EnableAuthorizationEndpointPassthrough().EnableEndSessionEndpointPassthrough().EnableUserInfoEndpointPassthrough().DisableTransportSecurityRequirement();
            server.Configure(options => options.TimeProvider = provider!.Clock);
            server.AddEventHandler<ValidateAuthorizationRequestContext>(handler => handler.UseInlineHandler(context =>
            {
                if (context.ClientId != ClientId || context.RedirectUri?.Contains("/signin/", StringComparison.Ordinal) != true)
                    context.Reject(Errors.InvalidClient);
                return default;
            }));
            server.AddEventHandler<ValidateTokenRequestContext>(handler => handler.UseInlineHandler(context =>
            {
                if (context.ClientId != ClientId || context.ClientSecret != ClientSecret)
                    context.Reject(Errors.InvalidClient);
                return default;
            }));
            server.AddEventHandler<ValidateEndSessionRequestContext>(handler => handler.UseInlineHandler(_ => default));
        });
        var app = builder.Build();
        provider = new TestProvider(app);
        app.UseAuthentication();
        app.MapMethods("/authorize", ["GET", "POST"], (Delegate)provider.AuthorizeAsync);
        app.MapGet("/userinfo", (Delegate)provider.UserInfoAsync);
        app.MapGet("/end-session", (Delegate)provider.EndSession);
        await app.StartAsync();
        provider.Address = app.Urls.Single() + "/";
        // The first request takes seconds on a busy machine, and Portal waits ten at most.
        using var client = new HttpClient { BaseAddress = new Uri(provider.Address) };
        foreach (var document in new[] { ".well-known/openid-configuration", ".well-known/jwks" })
            await client.GetStringAsync(document);
        return provider;
    }

    /// <summary>Adds a person, who can then sign in.</summary>
    public TestPerson Add(TestPerson person) => People[person.Subject] = person;

    /// <summary>Creates a logout token, signed like the provider's ID tokens.</summary>
    public string CreateLogoutToken(string? subject, string? sessionId = null, Action<SecurityTokenDescriptor>? change = null)
    {
        var now = Clock.GetUtcNow().UtcDateTime;
        var claims = new Dictionary<string, object>
        {
            ["jti"] = Guid.CreateVersion7().ToString(), ["events"] = new Dictionary<string, object> { ["http://schemas.openid.net/event/backchannel-logout"] = new Dictionary<string, object>() },
        };
        if (subject is not null)
            claims["sub"] = subject;
        if (sessionId is not null)
            claims["sid"] = sessionId;
        var descriptor = new SecurityTokenDescriptor
        {
            Issuer = Address, Audience = ClientId, IssuedAt = now, Expires = now.AddMinutes(2), NotBefore = now, Claims = claims, TokenType = "logout+jwt",
            SigningCredentials = _app.Services.GetRequiredService<IOptionsMonitor<OpenIddictServerOptions>>().CurrentValue.SigningCredentials[0],
        };
        change?.Invoke(descriptor);
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(descriptor);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    /// <summary>Shows the accounts, unless the browser is signed in and the client doesn't ask for a new sign-in.</summary>
    private async Task<IResult> AuthorizeAsync(HttpContext context)
    {
        var request = context.GetOpenIddictServerRequest()!;
        var now = Clock.GetUtcNow();
        var session = context.Request.Cookies[SessionCookie];
        if (HttpMethods.IsPost(context.Request.Method) && (string?)request.GetParameter("person") is { } chosen)
        {
            if (chosen == "nobody")
                return Results.Forbid(new AuthenticationProperties(new Dictionary<string, string?> { [OpenIddictServerAspNetCoreConstants.Properties.Error] = Errors.AccessDenied }), [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
            session = Guid.CreateVersion7().ToString("N");
            _sessions[session] = (chosen, now);
            context.Response.Cookies.Append(SessionCookie, session, new CookieOptions { HttpOnly = true });
        }
        else if (session is null || !_sessions.ContainsKey(session) || request.HasPromptValue(PromptValues.Login) || request.MaxAge == 0)
        {
            return Results.Content(SignInPage(context.Request.Query), "text/html");
        }

        var (subject, at) = _sessions[session];
        return await Task.FromResult(Results.SignIn(PrincipalOf(People[subject], session, at), authenticationScheme: OpenIddictServerAspNetCoreDefaults.AuthenticationScheme));
    }

    private string SignInPage(IQueryCollection query)
    {
        var fields = string.Concat(query.Select(part => $"""<input type="hidden" name="{WebUtility.HtmlEncode(part.Key)}" value="{WebUtility.HtmlEncode(part.Value)}">"""));
        return $"""
        <!DOCTYPE html><html lang="en"><link rel="icon" href="data:,"><title>Provider</title><main><h1>Choose an account</h1>
        {string.Concat(People.Keys.Append("nobody").Select(subject => $"""<form method="post" action="/authorize">{fields}<button name="person" value="{subject}">{subject}</button></form>"""))}
        </main></html>
        """;
    }

    private static ClaimsPrincipal PrincipalOf(TestPerson person, string session, DateTimeOffset at)
    {
        var identity = new ClaimsIdentity("provider", Claims.Name, Claims.Role);
        identity.SetClaim(Claims.Subject, person.Subject).SetClaim("sid", session).SetClaim(Claims.AuthenticationTime, at.ToUnixTimeSeconds());
        identity.SetClaims(Claims.AuthenticationMethodReference, [.. person.Methods]);
        identity.SetClaims("groups", [.. person.Groups]);
        identity.SetDestinations(_ => [Destinations.IdentityToken]);
        var principal = new ClaimsPrincipal(identity);
        principal.SetScopes(Scopes.OpenId, Scopes.Profile, Scopes.Email);
        return principal;
    }

    /// <summary>The name and the address come from here alone.</summary>
    private async Task<IResult> UserInfoAsync(HttpContext context)
    {
        var result = await context.AuthenticateAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
        if (result.Principal is null)
            return Results.Challenge(authenticationSchemes: [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
        var person = People[result.Principal.GetClaim(Claims.Subject)!];
        return Results.Json(new Dictionary<string, object?> { ["sub"] = person.Subject, ["name"] = person.Name, ["email"] = person.Email, ["email_verified"] = person.EmailVerified });
    }

    private IResult EndSession(HttpContext context)
    {
        SignOuts.Enqueue(context.Request.QueryString.Value ?? "");
        if (context.Request.Cookies[SessionCookie] is { } session)
            _sessions.TryRemove(session, out _);
        context.Response.Cookies.Delete(SessionCookie);
        return Results.SignOut(authenticationSchemes: [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
    }
}
