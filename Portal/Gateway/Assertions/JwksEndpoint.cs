using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.IdentityModel.Tokens;
using Portal.Catalog;

namespace Portal.Gateway.Assertions;

/// <summary>Publishes the public keys that sign assertions as a JSON Web Key Set (RFC 7517).</summary>
internal static class JwksEndpoint
{
    public const string Path = "/.well-known/jwks.json";

    /// <summary>Returns the keys; an empty set if no module's upstream gets assertions, because then no key is needed.</summary>
    public static Ok<KeySet> Answer(HttpContext context, CurrentUpstreams upstreams, AssertionKeys keys)
    {
        // Much shorter than the time for which a key is published before it signs.
        context.Response.Headers.CacheControl = "public, max-age=3600";
        return TypedResults.Ok(new KeySet(
            upstreams.All.Values.Any(upstream => upstream.AssertionIssuer is not null) ? [.. keys.Published.Select(Describe)] : []));
    }

    private static Key Describe(AssertionKey key) => new(
        "EC", "P-256", Base64UrlEncoder.Encode(key.Public.X), Base64UrlEncoder.Encode(key.Public.Y), key.Id, "sig", SecurityAlgorithms.EcdsaSha256);

    internal sealed record KeySet(IReadOnlyList<Key> Keys);

    /// <summary>A key, with the property names of the standard.</summary>
    internal sealed record Key(string Kty, string Crv, string X, string Y, string Kid, string Use, string Alg);
}
