using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Portal.Data;

namespace Portal.Audit.Streaming;

/// <summary>An audit entry as an event of the Open Cybersecurity Schema Framework (https://schema.ocsf.io), version 1.8.</summary>
/// <remarks>The names of the properties are those of the schema, in another case. <c>metadata.uid</c> is the ID and the hash of the entry, as
/// <c>Portal audit verify --expect</c> takes them. <c>unmapped.previous_hash</c> is the hash of the entry before: a receiver that compares the two notices
/// a missing entry.</remarks>
internal static class OcsfEvent
{
    private const string Version = "1.8.0", Product = "Portal";

    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly string? ProductVersion = typeof(OcsfEvent).Assembly.GetName().Version?.ToString(3);

    /// <param name="previousHash">The hash of the entry before; null: there is none, or it is older than the hashes.</param>
    public static StreamedEntry Write(AuditEntry entry, byte[]? previousHash)
    {
        var kind = OcsfKind.Of(entry.Action);
        var hash = HashOf(entry.Hash);
        var details = AuditDetails.ParseValues(entry.Details);
        var hasUser = kind.ClassUid is OcsfKind.AccountChange or OcsfKind.Authentication;
        var body = new Event(
            kind.ActivityId, kind.Activity ?? entry.Action, kind.CategoryUid, kind.CategoryName, kind.ClassUid, kind.ClassName, (kind.ClassUid * 100) + kind.ActivityId,
            (int)kind.Severity, kind.Severity.ToString(), kind.IsRefusal ? 2 : 1, kind.IsRefusal ? "Failure" : "Success",
            new DateTimeOffset(entry.At).ToUnixTimeMilliseconds(),
            $"{entry.ActorName} ({entry.ActorId}): {entry.Action}, {entry.TargetName} ({entry.TargetId})",
            new Metadata(
                Version, new Named(Product) { VendorName = Product, Version = ProductVersion }, hash is null ? Invariant($"{entry.Id}") : Invariant($"{entry.Id}:{hash}"), entry.Id, entry.Action,
                "audit", entry.AccountId, entry.At.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture)),
            new Actor(ActorOf(entry)))
        {
            // API Activity requires a source.
            SrcEndpoint = entry.Address is { } address ? new Endpoint { Ip = address } : kind.ClassUid == OcsfKind.ApiActivity ? new Endpoint { Name = entry.ActorName } : null,
            User = hasUser ? new User(entry.TargetId, entry.TargetName, 1, "User") : null,
            Service = kind.ClassUid == OcsfKind.Authentication ? new Named(Product) : null,
            Api = kind.ClassUid == OcsfKind.ApiActivity ? new Api(OperationOf(details) ?? entry.Action) : null,
            Entity = kind.ClassUid == OcsfKind.EntityManagement ? EntityOf(entry, details, change => change.Before) : null,
            EntityResult = kind.ClassUid == OcsfKind.EntityManagement && kind.Activity is not ("Read" or "Delete") ? EntityOf(entry, details, change => change.After) : null,
            Unmapped = new Unmapped(entry.Action, new Target(entry.TargetId, entry.TargetName), details, hash, HashOf(previousHash)),
        };
        return new StreamedEntry(entry.Id, entry.At, entry.Action, kind.ClassUid, kind.IsRefusal, hash, JsonSerializer.Serialize(body, Format));
    }

    private static User ActorOf(AuditEntry entry) => entry.ActorKind switch
    {
        "user" => new User(entry.ActorId, entry.ActorName, 1, "User"),
        "token" => new User(entry.ActorId, entry.ActorName, 4, "Service"),
        _ => new User(entry.ActorId, entry.ActorName, 3, "System"),
    };

    /// <summary>The entity with the values before or after the change.</summary>
    private static Entity EntityOf(AuditEntry entry, JsonElement? details, Func<(JsonElement Before, JsonElement After), JsonElement> value)
    {
        Dictionary<string, JsonElement> data = [];
        if (details is { ValueKind: JsonValueKind.Object } values)
            foreach (var property in values.EnumerateObject())
                if (AuditDetails.FindChange(property.Value) is { } change)
                    data[property.Name] = value(change);
        return new Entity(entry.TargetId, entry.TargetName, 99, entry.Action.Split('.')[0], data.Count == 0 ? null : data);
    }

    private static string? OperationOf(JsonElement? details) =>
        details is { ValueKind: JsonValueKind.Object } values && values.TryGetProperty("operation", out var operation) && operation.ValueKind == JsonValueKind.String ? operation.GetString() : null;

    private static string? HashOf(byte[]? hash) => hash is null ? null : Convert.ToHexStringLower(hash);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed record Event(
        int ActivityId, string ActivityName, int CategoryUid, string CategoryName, int ClassUid, string ClassName, int TypeUid, int SeverityId, string Severity, int StatusId, string Status,
        long Time, string Message, Metadata Metadata, Actor Actor)
    {
        public Endpoint? SrcEndpoint { get; init; }
        public User? User { get; init; }
        public Named? Service { get; init; }
        public Api? Api { get; init; }
        public Entity? Entity { get; init; }
        public Entity? EntityResult { get; init; }
        public required Unmapped Unmapped { get; init; }
    }

    private sealed record Metadata(string Version, Named Product, string Uid, long Sequence, string EventCode, string LogName, string TenantUid, string OriginalTime);

    private sealed record Named(string Name)
    {
        public string? VendorName { get; init; }
        public string? Version { get; init; }
    }

    private sealed record Actor(User User);

    private sealed record User(string Uid, string Name, int TypeId, string Type);

    private sealed record Endpoint
    {
        public string? Ip { get; init; }
        public string? Name { get; init; }
    }

    private sealed record Api(string Operation);

    private sealed record Entity(string Uid, string Name, int TypeId, string Type, IReadOnlyDictionary<string, JsonElement>? Data);

    private sealed record Target(string Id, string Name);

    private sealed record Unmapped(string Action, Target Target, JsonElement? Details, string? Hash, string? PreviousHash);
}
