using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Portal.Authentication;

namespace Portal.Gateway.Assertions;

/// <summary>States who called, for a minute, in a form that an upstream can check: a JWT signed with ES256.</summary>
internal sealed class AssertionSigner(AssertionKeys keys, TimeProvider clock)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);

    private readonly JsonWebTokenHandler _writer = new() { SetDefaultTimesOnTokenCreation = false };

    /// <param name="audience">The module's id: a statement for one module is worth nothing to another.</param>
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
