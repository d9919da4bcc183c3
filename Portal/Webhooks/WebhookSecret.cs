using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Portal.Webhooks;

/// <summary>The secret that an endpoint shares with Portal, and the signature of a message, as the Standard Webhooks specification defines them.</summary>
/// <remarks>
/// <para>People see a secret as <c>whsec_</c> and its bytes in Base64.</para>
/// <para>What is signed: <c>webhook-id</c>, a dot, <c>webhook-timestamp</c> in seconds since 1970, a dot, and the body. The header
/// <c>webhook-signature</c> has <c>v1,</c> and the HMAC-SHA256 in Base64 for each valid secret, separated by spaces.</para>
/// </remarks>
internal static class WebhookSecret
{
    public const string Prefix = "whsec_";

    /// <summary>The specification allows 24 to 64 bytes.</summary>
    private const int Length = 32;

    public static byte[] Create() => RandomNumberGenerator.GetBytes(Length);

    /// <summary>The secret as people copy it.</summary>
    public static string Write(ReadOnlySpan<byte> secret) => Prefix + Convert.ToBase64String(secret);

    /// <summary>The value of the header <c>webhook-signature</c>.</summary>
    /// <param name="secrets">The current secret, and during an overlap the former one.</param>
    public static string Sign(IEnumerable<byte[]> secrets, string messageId, DateTimeOffset at, string body)
    {
        var signed = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{messageId}.{at.ToUnixTimeSeconds()}.{body}"));
        return string.Join(' ', secrets.Select(secret => $"v1,{Convert.ToBase64String(HMACSHA256.HashData(secret, signed))}"));
    }
}
