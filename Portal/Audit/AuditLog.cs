using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Portal.Access;
using Portal.Data;

namespace Portal.Audit;

/// <summary>Writes what happened beside the change itself, in the same transaction: auditing never lags the change.</summary>
public sealed class AuditLog(TimeProvider clock)
{
    private static readonly JsonSerializerOptions DetailsFormat = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Converters = { new RedactingConverter() } };

    /// <summary>Adds an entry to <paramref name="context"/>; the caller's save commits it with the change.</summary>
    /// <param name="details">Values before and after by field name. Never a secret.</param>
    public void Add(
        PortalDbContext context, Actor actor, string action, string targetId, string targetName,
        IReadOnlyDictionary<string, object?>? details = null) =>
        context.AuditEntries.Add(new AuditEntry
        {
            AccountId = actor.AccountId,
            At = clock.GetUtcNow().UtcDateTime,
            ActorId = actor.Id,
            ActorName = actor.Name,
            ActorKind = actor.Kind switch { ActorKind.User => "user", ActorKind.Token => "token", _ => "system" },
            Action = action,
            TargetId = targetId,
            TargetName = SecretText.Hide(targetName),
            Details = details is null or { Count: 0 } ? null : JsonSerializer.Serialize(details, DetailsFormat),
        });

    /// <summary>Leaves out a secret that somebody wrote into a name or description.</summary>
    private sealed class RedactingConverter : JsonConverter<string>
    {
        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString();

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(SecretText.Hide(value));
    }
}
