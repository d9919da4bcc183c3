using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Portal.Data;
using Portal.Tokens;

namespace Portal.Webhooks;

/// <summary>A token as a message describes it.</summary>
internal sealed record MessageToken(string Handle, string Name, string ExtensionId, string ExtensionName, StoredStatus Stored, DateTime? ExpiresAt, DateTime? PreviousEndsAt);

/// <summary>Writes the body of a message: <c>type</c>, <c>timestamp</c> and <c>data</c>, as the Standard Webhooks specification asks for.
/// <c>docs/webhooks.md</c> describes it.</summary>
internal static class WebhookMessage
{
    private const string IdPrefix = "msg_";

    private static readonly JsonWriterOptions Format = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string CreateId() => $"{IdPrefix}{Guid.CreateVersion7():N}";

    /// <param name="token">Null: the event isn't about one token, or the token was removed.</param>
    public static string Write(WebhookEvent type, AuditEntry entry, MessageToken? token, StatusClock statuses) => Write(type.Name, entry.At, json =>
    {
        json.WriteNumber("audit_entry", entry.Id);
        json.WriteString("account_id", entry.AccountId);
        if (token is not null)
            WriteToken(json, token, statuses);
        else if (entry.TargetId == entry.AccountId)
            json.WriteNull("token");
        else
        {
            json.WriteStartObject("token");
            json.WriteString("handle", entry.TargetId);
            json.WriteString("name", entry.TargetName);
            json.WriteEndObject();
        }

        json.WriteStartObject("actor");
        json.WriteString("kind", entry.ActorKind);
        json.WriteString("id", entry.ActorId);
        json.WriteString("name", entry.ActorName);
        json.WriteEndObject();
        json.WritePropertyName("changes");
        json.WriteRawValue(entry.Details ?? "{}");
    });

    /// <summary>The extension of a token that doesn't exist: it was removed, or its creation waits for approval.</summary>
    /// <returns>Null: the entry names none.</returns>
    public static string? FindExtension(AuditEntry entry)
    {
        if (entry.Details is null)
            return null;
        using var details = JsonDocument.Parse(entry.Details);
        return details.RootElement.TryGetProperty("extension", out var extension) && extension.ValueKind == JsonValueKind.String ? extension.GetString() : null;
    }

    public static string WriteTest(DateTime at, string accountId, string sender) => Write(WebhookEvent.Test, at, json =>
    {
        json.WriteString("account_id", accountId);
        json.WriteString("message", "A test from Portal.");
        json.WriteString("sent_by", sender);
    });

    private static void WriteToken(Utf8JsonWriter json, MessageToken token, StatusClock statuses)
    {
        json.WriteStartObject("token");
        json.WriteString("handle", token.Handle);
        json.WriteString("name", SecretText.Hide(token.Name));
        json.WriteString("extension_id", token.ExtensionId);
        json.WriteString("extension_name", token.ExtensionName);
        json.WriteString("status", statuses.Of(token.Stored, token.ExpiresAt, token.PreviousEndsAt).ToString().ToLowerInvariant());
        json.WriteString("expires_at", token.ExpiresAt is { } end ? Write(end) : null);
        json.WriteEndObject();
    }

    private static string Write(string type, DateTime at, Action<Utf8JsonWriter> writeData)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Format))
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            json.WriteString("timestamp", Write(at));
            json.WriteStartObject("data");
            writeData(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static string Write(DateTime at) => at.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);
}
