using System.Globalization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Portal.Accounts.SingleSignOn;

/// <summary>Connects the framework's handler with Portal: adds checks, and completes a sign-in.</summary>
public sealed partial class ProviderEvents(ILogger<ProviderEvents> logger) : OpenIdConnectEvents
{
    /// <summary>Refuses the response of another provider (mix-up, RFC 9207).</summary>
    public override async Task MessageReceived(MessageReceivedContext context)
    {
        var configuration = await context.Options.ConfigurationManager!.GetConfigurationAsync(context.HttpContext.RequestAborted);
        var issuer = context.ProtocolMessage.GetParameter("iss");
        var isPromised = configuration.AdditionalData.TryGetValue("authorization_response_iss_parameter_supported", out var promised)
            && string.Equals(promised?.ToString(), "true", StringComparison.OrdinalIgnoreCase);
        if (issuer is null ? isPromised && context.ProtocolMessage.Code is not null : issuer != configuration.Issuer)
            context.Fail(new SecurityTokenInvalidIssuerException("The response is of another issuer than the provider."));
    }

    public override Task RedirectToIdentityProvider(RedirectContext context)
    {
        if (ProviderOf(context.HttpContext, context.Scheme) is { Options.MultiFactorAcr: { Count: > 0 } acr })
            context.ProtocolMessage.AcrValues = string.Join(' ', acr);
        return Task.CompletedTask;
    }

    /// <summary>Refuses ID tokens that are for others, too (OpenID Connect Core 1.0, 3.1.3.7).</summary>
    public override Task TokenValidated(TokenValidatedContext context)
    {
        var claims = context.Principal!;
        if (claims.FindAll("aud").Skip(1).Any() && claims.FindFirst("azp")?.Value != context.Options.ClientId)
            context.Fail(new SecurityTokenInvalidAudienceException("The ID token has several audiences, and Portal isn't the authorized party."));
        return Task.CompletedTask;
    }

    /// <summary>Completes the sign-in: the tokens are valid.</summary>
    public override async Task TicketReceived(TicketReceivedContext context)
    {
        var provider = ProviderOf(context.HttpContext, context.Scheme)!;
        context.HandleResponse();
        if (ProviderIdentity.From(provider, context.Principal!, context.Properties!.GetTokenValue("id_token")) is not { } identity)
        {
            ShowProblem(context.HttpContext, provider, SignInProblem.Failed);
            return;
        }

        var (problem, address) = await context.HttpContext.RequestServices.GetRequiredService<ProviderCallback>().CompleteAsync(context.HttpContext, identity, context.Properties!);
        if (problem is not { } reason)
        {
            context.Response.Redirect(address);
            return;
        }

        LogRefused(provider.Name, reason, context.HttpContext.TraceIdentifier);
        ShowProblem(context.HttpContext, provider, reason);
    }

    public override Task AccessDenied(AccessDeniedContext context)
    {
        ShowProblem(context.HttpContext, ProviderOf(context.HttpContext, context.Scheme)!, SignInProblem.Canceled);
        context.HandleResponse();
        return Task.CompletedTask;
    }

    public override Task RemoteFailure(RemoteFailureContext context)
    {
        var problem = Find(context.Failure, context.Properties is null);
        // The exception may repeat what the provider or the browser sent.
        LogFailed(ProviderOf(context.HttpContext, context.Scheme)!.Name, problem, context.Failure?.GetBaseException().GetType().Name, context.HttpContext.TraceIdentifier);
        ShowProblem(context.HttpContext, ProviderOf(context.HttpContext, context.Scheme)!, problem);
        context.HandleResponse();
        return Task.CompletedTask;
    }

    /// <summary>Logs that a provider doesn't respond as it should.</summary>
    internal void NoteUnavailable(SignInProvider provider, Exception exception, string id) => LogUnavailable(provider.Name, exception.GetBaseException().Message, id);

    /// <summary>Opens the page that explains the problem.</summary>
    internal static void ShowProblem(HttpContext context, SignInProvider provider, SignInProblem problem) => context.Response.Redirect(string.Create(
        CultureInfo.InvariantCulture, $"{context.Request.PathBase}{SignInProblemPage.Path}?reason={problem}&provider={provider.Name}&id={Uri.EscapeDataString(context.TraceIdentifier)}"));

    /// <param name="isUnknown">Whether the response belongs to no sign-in of this browser.</param>
    private static SignInProblem Find(Exception? failure, bool isUnknown) => failure?.GetBaseException() switch
    {
        HttpRequestException or TaskCanceledException or TimeoutException or System.Net.Sockets.SocketException or IOException => SignInProblem.Unavailable,
        OpenIdConnectProtocolException protocol when protocol.Data["error"] is "temporarily_unavailable" or "server_error" => SignInProblem.Unavailable,
        OpenIdConnectProtocolException protocol when protocol.Data["error"] is "login_required" or "interaction_required" or "consent_required" => SignInProblem.Canceled,
        SecurityTokenException => SignInProblem.Failed,
        _ when failure is AuthenticationFailureException { InnerException: null } || isUnknown => SignInProblem.Expired,
        _ => SignInProblem.Failed,
    };

    private static SignInProvider? ProviderOf(HttpContext context, AuthenticationScheme scheme) =>
        context.RequestServices.GetRequiredService<SignInProviders>().Find(scheme.Name[ProviderSchemes.Prefix.Length..]);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Provider} signed someone in, but Portal refused them: {Problem}, ID {Id}. docs/single-sign-on.md explains the reasons")]
    private partial void LogRefused(string provider, SignInProblem problem, string id);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A sign-in with {Provider} failed: {Problem} ({Cause}), ID {Id}. The preceding entries may say more")]
    private partial void LogFailed(string provider, SignInProblem problem, string? cause, string id);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The provider {Provider} can't be reached, or its documents are invalid: {Cause}, ID {Id}")]
    private partial void LogUnavailable(string provider, string cause, string id);
}
