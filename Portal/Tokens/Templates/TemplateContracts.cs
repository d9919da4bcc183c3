using System.Text.Json;
using System.Text.Json.Serialization;

namespace Portal.Tokens.Templates;

/// <summary>The values with which a new token begins.</summary>
/// <remarks>It is stored as JSON. A value that can't be read, for example of a later version, is left out.</remarks>
public sealed record TemplateContent
{
    private static readonly JsonSerializerOptions Format = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>A preset of the configuration or <c>perpetual</c>; null: the usual one.</summary>
    public string? Expiration { get; init; }

    /// <summary>All modules, including those that are added later. <see cref="Modules"/> is then ignored.</summary>
    public bool AllModules { get; init; }

    /// <summary>The IDs of the modules, for an extension that asks for them. The catalog may no longer contain some.</summary>
    public IReadOnlyList<string> Modules { get => field; init => field = value ?? []; } = [];

    /// <summary>The rate limit as tokens store it; null: the configured default.</summary>
    public string? RateLimit { get; init; }

    /// <summary>The days of notice as tokens store them; null: as configured.</summary>
    public string? NoticeDays { get; init; }

    /// <summary>The addresses that may use the token, as the administrator entered them.</summary>
    public IReadOnlyList<string> Addresses { get => field; init => field = value ?? []; } = [];

    /// <summary>The parsed <see cref="RateLimit"/>.</summary>
    [JsonIgnore]
    public RateLimitChoice Limit => RateLimitChoice.Restore(RateLimit);

    internal string Write() => JsonSerializer.Serialize(this, Format);

    /// <returns>An empty one if it can't be read.</returns>
    internal static TemplateContent Read(string stored)
    {
        try
        {
            return JsonSerializer.Deserialize<TemplateContent>(stored, Format) ?? new();
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            return new();
        }
    }
}

/// <summary>A template.</summary>
/// <param name="MissingModules">The IDs of its modules that the catalog no longer contains.</param>
/// <param name="IsExtensionGone">Whether the catalog no longer contains its extension. It can't be used then.</param>
public sealed record Template(
    long Id, string Name, string? Description, string ExtensionId, TemplateContent Content, Guid Version, DateTime UpdatedAt, string UpdatedByName,
    IReadOnlyList<string> MissingModules, bool IsExtensionGone);

/// <summary>The input for a template.</summary>
public sealed record TemplateInput(string Name, string? Description, string ExtensionId, TemplateContent Content);

/// <summary>A field of a template, to which an error message can refer.</summary>
public enum TemplateField
{
    Name,
    Description,
    Extension,
    Modules,
    Expiration,
    RateLimit,
    NoticeDays,
    Addresses,
}

/// <summary>A validation error of a field, with a message for the administrator.</summary>
public sealed record TemplateError(TemplateField Field, string Message);

/// <summary>The outcome of a change to a template.</summary>
public abstract record TemplateOutcome
{
    private TemplateOutcome()
    {
    }

    public sealed record Done(long Id) : TemplateOutcome;

    /// <summary>The input is invalid. Nothing was changed.</summary>
    public sealed record Invalid(IReadOnlyList<TemplateError> Errors) : TemplateOutcome;

    /// <summary>Someone else changed it after it was read. Nothing was changed.</summary>
    public sealed record Conflict(Template Current) : TemplateOutcome;

    /// <summary>It doesn't exist, or no longer exists.</summary>
    public sealed record NotFound : TemplateOutcome;
}
