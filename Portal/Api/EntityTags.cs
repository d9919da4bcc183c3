using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Net.Http.Headers;
using Portal.Accounts;
using Portal.Tokens.Reading;

namespace Portal.Api;

/// <summary>The entity tags of the API: <c>"version-digest"</c> for a token, <c>"digest"</c> for everything else.</summary>
/// <remarks>
/// The version changes with every change that a person or program makes. The digest covers what time and configuration change in an answer,
/// such as the status. A read compares both; a change compares the version alone, because that is what it would overwrite.
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
    /// <param name="content">What else the answer depends on.</param>
    public static string Of(TokenRecord token, ReadOnlySpan<byte> content) => $"\"{token.Version:N}-{Digest(content)}\"";

    /// <summary>The tag of a response that isn't a token.</summary>
    public static string Of(ReadOnlySpan<byte> content) => $"\"{Digest(content)}\"";

    /// <summary>The version that a tag names, however a proxy changed the tag while it compressed the answer.</summary>
    /// <remarks>RFC 9110 has a weak tag never match <c>If-Match</c>, because it may stand for several states. Ours names one.</remarks>
    /// <returns>Null: it is not the tag of a token.</returns>
    public static Guid? VersionOf(EntityTagHeaderValue tag)
    {
        var text = OpaqueOf(tag.Tag.Value);
        var isOurs = text.Length == VersionLength || (text.Length == VersionLength + 1 + DigestLength && text[VersionLength] == '-');
        return isOurs && Guid.TryParseExact(text[..VersionLength], "N", out var version) ? version : null;
    }

    /// <summary>Whether a client's tag is the present one, however a proxy changed it while it compressed the answer.</summary>
    public static bool IsSame(EntityTagHeaderValue tag, string present) => OpaqueOf(tag.Tag.Value).SequenceEqual(OpaqueOf(present));

    /// <summary>Without quotes, and without what a compressing server appended.</summary>
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
