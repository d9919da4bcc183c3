using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Portal.Scim;

/// <summary>Compares the tokens of requests with those of the configuration. Keeps only hashes, and compares them in constant time.</summary>
internal sealed class ScimTokens(IOptions<ScimOptions> options)
{
    private readonly byte[][] _hashes =
    [
        .. new[] { Read(options.Value.Token, options.Value.TokenFile), Read(options.Value.SecondToken, options.Value.SecondTokenFile) }.OfType<string>().Select(HashOf),
    ];

    /// <param name="header">The value of <c>Authorization</c>; null: none, or several.</param>
    public bool Accepts(string? header)
    {
        if (!AuthenticationHeaderValue.TryParse(header, out var sent) || !sent.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase)
            || sent.Parameter is not { Length: > 0 and <= ScimOptions.LongestToken } token)
            return false;
        var hash = HashOf(token);
        var isRight = false;
        foreach (var known in _hashes)
            isRight |= CryptographicOperations.FixedTimeEquals(known, hash);
        return isRight;
    }

    /// <returns>The configured token; null: none.</returns>
    internal static string? Read(string? token, string? file) =>
        ScimOptions.IsSet(file) ? File.ReadAllText(file!).Trim() : ScimOptions.IsSet(token) ? token : null;

    private static byte[] HashOf(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
