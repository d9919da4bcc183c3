using System.Globalization;

namespace Portal.Webhooks;

/// <summary>The headers of a message by the Standard Webhooks specification.</summary>
internal static class WebhookHeaders
{
    public const string Id = "webhook-id", Timestamp = "webhook-timestamp", Signature = "webhook-signature", UserAgent = "Portal-Webhooks";

    public static IEnumerable<KeyValuePair<string, string>> Of(IEnumerable<byte[]> secrets, string messageId, DateTimeOffset at, string body) =>
    [
        new(Id, messageId),
        new(Timestamp, at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)),
        new(Signature, WebhookSecret.Sign(secrets, messageId, at, body)),
        new("user-agent", UserAgent),
    ];
}
