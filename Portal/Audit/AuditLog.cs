using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Portal.Access;
using Portal.Data;

namespace Portal.Audit;

/// <summary>Writes audit entries in the same transaction as the change, so that no change is stored without its entry.</summary>
public sealed class AuditLog(TimeProvider clock)
{
    private static readonly JsonSerializerOptions DetailsFormat = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Converters = { new RedactingConverter() } };

    private readonly ConditionalWeakTable<AuditEntry, Actor> _actors = [];

    /// <summary>Adds an entry to <paramref name="context"/>. The caller saves it together with the change. Saving fails if the session of the actor has ended
    /// meanwhile, see <see cref="ActorInterceptor"/>.</summary>
    /// <param name="actor">An entry of a bulk action also gets its ID, as the detail <c>bulk</c>, and one of an approved change the detail <c>requested_by</c>.</param>
    /// <param name="details">The old and new values by field name. Never a secret.</param>
    public void Add(
        PortalDbContext context, Actor actor, string action, string targetId, string targetName,
        IReadOnlyDictionary<string, object?>? details = null) =>
        _actors.Add(AddEvent(context, actor, action, targetId, targetName, details), actor);

    /// <summary>Does the same for an event that has already happened, so that it doesn't matter whether the session of the actor has ended.</summary>
    /// <inheritdoc cref="Add"/>
    public AuditEntry AddEvent(
        PortalDbContext context, Actor actor, string action, string targetId, string targetName,
        IReadOnlyDictionary<string, object?>? details = null)
    {
        var entry = new AuditEntry
        {
            AccountId = actor.AccountId,
            At = clock.GetUtcNow().UtcDateTime,
            ActorId = actor.Id,
            ActorName = actor.Name,
            ActorKind = actor.Kind switch { ActorKind.User => "user", ActorKind.Token => "token", _ => "system" },
            Action = action,
            TargetId = targetId,
            TargetName = SecretText.Hide(targetName),
            Address = actor.Address,
            Details = Describe(actor, details),
        };
        context.AuditEntries.Add(entry);
        return entry;
    }

    /// <returns>Null: the entry doesn't depend on the session of its actor.</returns>
    internal Actor? FindActor(AuditEntry entry) => _actors.TryGetValue(entry, out var actor) ? actor : null;

    /// <summary>Writes facts for people as entries do, without secrets.</summary>
    private static string WriteDetails(IReadOnlyDictionary<string, object?> details) => JsonSerializer.Serialize(details, DetailsFormat);

    private static string? Describe(Actor actor, IReadOnlyDictionary<string, object?>? details)
    {
        if (actor.BulkId is { } bulk)
            details = new Dictionary<string, object?>(details ?? new Dictionary<string, object?>()) { ["bulk"] = bulk };
        if (actor.RequestedBy is { } requester)
            details = new Dictionary<string, object?>(details ?? new Dictionary<string, object?>()) { ["requested_by"] = requester };
        return details is null or { Count: 0 } ? null : WriteDetails(details);
    }

    /// <summary>Hides secrets in names and descriptions.</summary>
    private sealed class RedactingConverter : JsonConverter<string>
    {
        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString();

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(SecretText.Hide(value));
    }
}
