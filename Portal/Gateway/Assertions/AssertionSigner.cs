using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Portal.Authentication;

namespace Portal.Gateway.Assertions;

/// <summary>Signs assertions that tell an upstream who called: a JWT signed with ES256 that is valid for a minute.</summary>
internal sealed class AssertionSigner(AssertionKeys keys, TimeProvider clock)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);

    private readonly JsonWebTokenHandler _writer = new() { SetDefaultTimesOnTokenCreation = false };

    /// <param name="audience">The module's ID: other modules don't accept the assertion.</param>
    public string Sign(string issuer, string audience, Credential caller)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        return _writer.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = audience,
            IssuedAt = now,
            Expires = now + Lifetime,
            Claims = new Dictionary<string, object>
            {
                [JwtRegisteredClaimNames.Sub] = caller.Handle,
                [JwtRegisteredClaimNames.Jti] = Guid.CreateVersion7().ToString("N"),
                [JwtRegisteredClaimNames.Name] = caller.Name,
                ["account"] = caller.AccountId,
            },
            SigningCredentials = keys.Current.Signing,
        });
    }
}
