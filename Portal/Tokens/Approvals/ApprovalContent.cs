using System.Text.Json;
using System.Text.Json.Serialization;
using Portal.Data;
using Portal.Policies;

namespace Portal.Tokens.Approvals;

/// <summary>The input of a change that waits for approval. Never a secret.</summary>
/// <remarks>It is stored as JSON. <see cref="TokenService"/> checks it again when the request is approved.</remarks>
public sealed record ApprovalContent
{
    private static readonly JsonSerializerOptions Format = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault };

    /// <summary>For a new token: <see cref="NewToken.CreationId"/>.</summary>
    public Guid CreationId { get; init; }

    /// <summary>For an edit: the codes of the fields that it changes, see <see cref="EditedField"/>. The others stay as they are when it is approved.</summary>
    public IReadOnlyList<string> Changed { get => field; init => field = value ?? []; } = [];

    /// <summary>For a new key: the ID of the newest key that the person saw. A later key isn't replaced.</summary>
    public long ReplacesKey { get; init; }

    public string Name { get => field; init => field = value ?? ""; } = "";
    public string? ExternalId { get; init; }
    public string? Description { get; init; }
    public string? Contact { get; init; }

    /// <summary>The <see cref="OwnerChoice.Code"/>; null: unchanged.</summary>
    public string? Owner { get; init; }

    public bool AllModules { get; init; }
    public IReadOnlyList<string> Modules { get => field; init => field = value ?? []; } = [];

    /// <summary>For an edit: whether the token had all modules together.</summary>
    public bool HadAllModules { get; init; }

    /// <summary>For an edit: the modules that the token had.</summary>
    public IReadOnlyList<string> HadModules { get => field; init => field = value ?? []; } = [];

    /// <summary>Whether <see cref="RateLimit"/> replaces the present one.</summary>
    public bool SetsRateLimit { get; init; }

    /// <summary>The rate limit as tokens store it.</summary>
    public string? RateLimit { get; init; }

    public string? NoticeDays { get; init; }

    /// <summary>When the new key expires, UTC; null: never.</summary>
    public DateTime? ExpiresAt { get; init; }

    public string? PerpetualReason { get; init; }

    /// <summary>From when the token may be used, UTC; null: a new one at once, an existing one as before.</summary>
    public DateTime? StartsAt { get; init; }

    /// <summary>For a rotation: how long the current key keeps working, in seconds.</summary>
    public long OverlapSeconds { get; init; }

    /// <summary>The selected modules.</summary>
    [JsonIgnore]
    public ModuleChoice Choice => AllModules ? ModuleChoice.All : new ModuleChoice(false, Modules);

    internal static ApprovalContent Of(NewToken wanted, OwnerChoice owner) => new()
    {
        CreationId = wanted.CreationId, Name = wanted.Name, ExternalId = wanted.ExternalId, Description = wanted.Description, Contact = wanted.Contact,
        Owner = owner.Code, AllModules = wanted.Modules.AllModules, Modules = [.. wanted.Modules.ModuleIds], SetsRateLimit = true, RateLimit = wanted.RateLimit.Store(),
        ExpiresAt = wanted.ExpiresAt, PerpetualReason = wanted.PerpetualReason, StartsAt = wanted.StartsAt, NoticeDays = wanted.NoticeDays,
    };

    /// <param name="before">The modules of the token before the edit.</param>
    /// <param name="changed">See <see cref="Changed"/>.</param>
    internal static ApprovalContent Of(TokenEdit edit, ModuleChoice before, IEnumerable<string> changed) => new()
    {
        Name = edit.Name, ExternalId = edit.ExternalId, Description = edit.Description, Contact = edit.Contact, Owner = edit.Owner?.Code,
        AllModules = edit.Modules.AllModules, Modules = [.. edit.Modules.ModuleIds], SetsRateLimit = edit.RateLimit is not null, RateLimit = edit.RateLimit?.Store(),
        PerpetualReason = edit.PerpetualReason, NoticeDays = edit.NoticeDays, StartsAt = edit.StartsAt,
        Changed = [.. changed], HadAllModules = before.AllModules, HadModules = [.. before.ModuleIds],
    };

    /// <param name="now">A start that has passed meanwhile means at once.</param>
    internal NewToken ToNewToken(string extensionId, DateTime now) => new(CreationId, Name, ExternalId, Description, ExpiresAt, extensionId, Choice)
    {
        Owner = OwnerChoice.Parse(Owner), Contact = Contact, StartsAt = StartsAt > now ? StartsAt : null, RateLimit = RateLimitChoice.Restore(RateLimit), PerpetualReason = PerpetualReason,
        NoticeDays = NoticeDays,
    };

    /// <summary>The edit of a token that may have changed since the request: what the person didn't change stays as it is.</summary>
    /// <param name="present">The modules of the token now.</param>
    internal TokenEdit ToEdit(string name, string? externalId, string? description, ModuleChoice present) => new(
        Changes(EditedField.Name) ? Name : name, Changes(EditedField.ExternalId) ? ExternalId : externalId, Changes(EditedField.Description) ? Description : description,
        MergeModules(present), SetsRateLimit && Changes(EditedField.RateLimit) ? RateLimitChoice.Restore(RateLimit) : null)
    {
        Owner = Changes(EditedField.Owner) && Owner is not null ? OwnerChoice.Parse(Owner) : null,
        Contact = Changes(EditedField.Contact) ? Contact : null,
        PerpetualReason = Changes(EditedField.PerpetualReason) ? PerpetualReason : null,
        NoticeDays = Changes(EditedField.NoticeDays) ? NoticeDays : null,
        StartsAt = Changes(EditedField.Start) ? StartsAt : null,
    };

    /// <summary>Whether the edit changes a field.</summary>
    internal bool Changes(string field) => Changed.Contains(field);

    /// <summary>The modules after the edit: those that the person added and removed, applied to the ones that the token has now.</summary>
    internal ModuleChoice MergeModules(ModuleChoice present) =>
        !Changes(EditedField.Modules) ? present
        : AllModules || (HadAllModules && present.AllModules) ? Choice
        : present.AllModules ? present
        : new ModuleChoice(false, [.. present.ModuleIds.Except(HadModules.Except(Modules)).Union(Modules.Except(HadModules))]);

    internal string Write() => JsonSerializer.Serialize(this, Format);

    internal static string Write(ApprovalNeed need) => JsonSerializer.Serialize(need, Format);

    /// <returns>Null: it can't be read, for example because a later version wrote it.</returns>
    internal static ApprovalContent? Read(string stored) => (ApprovalContent?)Read(stored, typeof(ApprovalContent));

    internal static ApprovalNeed ReadNeed(string stored) => Read(stored, typeof(ApprovalNeed)) is ApprovalNeed need ? need with { Modules = need.Modules ?? [] } : ApprovalNeed.None;

    private static object? Read(string stored, Type type)
    {
        try
        {
            return JsonSerializer.Deserialize(stored, type, Format);
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
