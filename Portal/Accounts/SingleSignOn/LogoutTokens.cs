using System.Security.Claims;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Portal.Data;

namespace Portal.Accounts.SingleSignOn;

/// <summary>Whose sessions a provider ends.</summary>
/// <param name="Subject">The provider's ID of the person; null: only <paramref name="SessionId"/> counts.</param>
/// <param name="SessionId">The provider's ID of its session; null: all sessions of the person.</param>
internal sealed record LogoutRequest(string? Subject, string? SessionId);

/// <summary>Validates logout tokens (OpenID Connect Back-Channel Logout 1.0, 2.6). Each works once.</summary>
internal sealed partial class LogoutTokens(IOptionsMonitor<OpenIdConnectOptions> options, ProviderSchemes schemes, IUsedValues used, TimeProvider clock)
{
    private const int LongestToken = 16 * 1024;

    /// <summary>How old a token may be. Portal remembers used ones for as long.</summary>
    private static readonly TimeSpan LongestAge = TimeSpan.FromMinutes(5);

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };

    /// <returns>Null: the token is invalid, or was already used.</returns>
    internal async Task<LogoutRequest?> ValidateAsync(SignInProvider provider, string? token, CancellationToken cancellation)
    {
        if (token is not { Length: > 0 and <= LongestToken })
            return null;
        var scheme = options.Get(ProviderSchemes.Of(provider));
        var parameters = schemes.Parameters(provider.Options.ClientId);
        var configuration = await scheme.ConfigurationManager!.GetConfigurationAsync(cancellation);
        parameters.ValidIssuer = configuration.Issuer;
        // Some providers send no expiration; the age of the token counts anyway.
        var lifetime = parameters.LifetimeValidator;
        parameters.LifetimeValidator = (notBefore, expires, validated, rules) => expires is null || lifetime(notBefore, expires, validated, rules);
        parameters.IssuerSigningKeys = configuration.SigningKeys;
        var result = await _handler.ValidateTokenAsync(token, parameters);
        if (result.Exception is SecurityTokenSignatureKeyNotFoundException)
        {
            // The provider has a new key.
            scheme.ConfigurationManager.RequestRefresh();
            configuration = await scheme.ConfigurationManager.GetConfigurationAsync(cancellation);
            parameters.IssuerSigningKeys = configuration.SigningKeys;
            result = await _handler.ValidateTokenAsync(token, parameters);
        }

        return result is { IsValid: true, SecurityToken: JsonWebToken valid } ? Read(provider, valid, result.ClaimsIdentity) : null;
    }

    private LogoutRequest? Read(SignInProvider provider, JsonWebToken token, ClaimsIdentity claims)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        // An ID token of the same provider isn't a logout token.
        if (token.Typ is { Length: > 0 } type && !type.EndsWith("JWT", StringComparison.OrdinalIgnoreCase))
            return null;
        if (claims.FindFirst("nonce") is not null || claims.FindFirst("events") is not { } events || !LogoutEvent().IsMatch(events.Value) || claims.FindFirst("jti")?.Value is not { Length: > 0 and <= 255 } id)
            return null;
        if (token.IssuedAt == default || token.IssuedAt < now - LongestAge || token.IssuedAt > now + ProviderSchemes.ClockSkew)
            return null;
        var (subject, session) = (claims.FindFirst("sub")?.Value, claims.FindFirst("sid")?.Value);
        if (string.IsNullOrEmpty(subject) && string.IsNullOrEmpty(session))
            return null;
        return used.TryUse($"logout {provider.Name}", id, now + LongestAge + ProviderSchemes.ClockSkew) ? new LogoutRequest(Or(subject), Or(session)) : null;
    }

    private static string? Or(string? text) => string.IsNullOrEmpty(text) ? null : text;

    /// <summary>The event in the JSON text of the claim, where slashes may be escaped.</summary>
    [GeneratedRegex("""
        "http:\\?/\\?/schemas\.openid\.net\\?/event\\?/backchannel-logout"\s*:\s*\{
        """)]
    private static partial Regex LogoutEvent();
}
