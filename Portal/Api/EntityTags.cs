using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Net.Http.Headers;
using Portal.Accounts;
using Portal.Tokens.Reading;

namespace Portal.Api;

/// <summary>The entity tags of the API: <c>"version-digest"</c> for a token, <c>"digest"</c> for everything else.</summary>
/// <remarks>
/// The version changes with every change by a user or program. The digest covers everything that time and configuration change in a
/// response, such as the status. A read compares both; a change compares only the version, because that is what it would overwrite.
/// </remarks>
internal static class EntityTags
{
    private const int VersionLength = 32, DigestLength = 16;

    /// <summary>The suffixes that compressing servers append to a tag, after one or more of <see cref="Separators"/>.</summary>
    private static readonly string[] Codings = ["gzip", "br", "zstd", "deflate"];

    private const string Separators = "-;:+.";

    /// <summary>The tag of the current representation of a token.</summary>
    public static string Of(TokenRecord token, AccountSummary owner) => Of(token, Encoding.UTF8.GetBytes(string.Join(
        '\n',
        [
            token.Status.ToString(), Text(token.ExpiresAt), Text(token.PreviousEndsAt), owner.Name, token.Extension.Extension?.Name,
            .. token.Grants.Select(grant => grant.ModuleId),
        ])));

    /// <summary>The tag of another response about a token, which clients may also send back in <c>If-Match</c>.</summary>
    /// <param name="content">The other content that the response depends on.</param>
    public static string Of(TokenRecord token, ReadOnlySpan<byte> content) => $"\"{token.Version:N}-{Digest(content)}\"";

    /// <summary>The tag of a response that isn't a token.</summary>
    public static string Of(ReadOnlySpan<byte> content) => $"\"{Digest(content)}\"";

    /// <summary>The version in a tag, even if a proxy changed the tag when it compressed the response.</summary>
    /// <remarks>By RFC 9110, a weak tag never matches <c>If-Match</c>, because it can represent several states. Portal's represent one.</remarks>
    /// <returns>Null: it isn't the tag of a token.</returns>
    public static Guid? VersionOf(EntityTagHeaderValue tag)
    {
        var text = OpaqueOf(tag.Tag.Value);
        var isOurs = text.Length == VersionLength || (text.Length == VersionLength + 1 + DigestLength && text[VersionLength] == '-');
        return isOurs && Guid.TryParseExact(text[..VersionLength], "N", out var version) ? version : null;
    }

    /// <summary>Whether a client's tag equals the current one, even if a proxy changed it when it compressed the response.</summary>
    public static bool IsSame(EntityTagHeaderValue tag, string present) => OpaqueOf(tag.Tag.Value).SequenceEqual(OpaqueOf(present));

    /// <summary>The tag without quotes and without the suffix of a compressing server.</summary>
    private static ReadOnlySpan<char> OpaqueOf(string? tag)
    {
        var text = tag.AsSpan().Trim('"');
        foreach (var coding in Codings)
            if (text.EndsWith(coding, StringComparison.OrdinalIgnoreCase) && text[..^coding.Length] is var rest && rest.TrimEnd(Separators) is var bare
                && bare.Length < rest.Length)
                return bare;
        return text;
    }

    private static string Digest(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content))[..DigestLength];

    private static string? Text(DateTime? moment) => moment?.Ticks.ToString(CultureInfo.InvariantCulture);
}
