using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.IdentityModel.Tokens;
using Portal.Catalog;

namespace Portal.Gateway.Assertions;

/// <summary>The public keys that assertions are signed with, for everyone: a JSON Web Key Set (RFC 7517).</summary>
internal static class JwksEndpoint
{
    public const string Path = "/.well-known/jwks.json";

    /// <summary>Empty when no module's upstream gets assertions: then there need not be a key.</summary>
    public static Ok<KeySet> Answer(HttpContext context, CurrentUpstreams upstreams, AssertionKeys keys)
    {
        // Well below the time for which a key is published before it signs.
        context.Response.Headers.CacheControl = "public, max-age=3600";
        return TypedResults.Ok(new KeySet(
            upstreams.All.Values.Any(upstream => upstream.AssertionIssuer is not null) ? [.. keys.Published.Select(Describe)] : []));
    }

    private static Key Describe(AssertionKey key) => new(
        "EC", "P-256", Base64UrlEncoder.Encode(key.Public.X), Base64UrlEncoder.Encode(key.Public.Y), key.Id, "sig", SecurityAlgorithms.EcdsaSha256);

    internal sealed record KeySet(IReadOnlyList<Key> Keys);

    /// <summary>The names are those of the standard.</summary>
    internal sealed record Key(string Kty, string Crv, string X, string Y, string Kid, string Use, string Alg);
}
