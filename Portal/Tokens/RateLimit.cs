using System.Globalization;
using System.Text.RegularExpressions;
using Portal.Data;

namespace Portal.Tokens;

/// <summary>The time over which requests are limited.</summary>
public enum RateUnit
{
    Second,
    Minute,
    Hour,
    Day,
}

/// <summary>How many requests may come, at once or spread over a time; what was used comes back evenly.</summary>
/// <param name="Requests">1 to <see cref="Most"/>.</param>
public readonly partial record struct RateLimit(int Requests, RateUnit Per)
{
    public const int Most = 1_000_000;

    public TimeSpan Window => Per switch
    {
        RateUnit.Second => TimeSpan.FromSeconds(1),
        RateUnit.Minute => TimeSpan.FromMinutes(1),
        RateUnit.Hour => TimeSpan.FromHours(1),
        _ => TimeSpan.FromDays(1),
    };

    /// <summary>Reads <c>100 per minute</c>.</summary>
    /// <returns>Null: it is not of that form, or out of range.</returns>
    public static RateLimit? Parse(string? text) =>
        Form().Match(text ?? "") is { Success: true } match
        && int.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var requests) && requests is >= 1 and <= Most
            ? new RateLimit(requests, Enum.Parse<RateUnit>(match.Groups[2].ValueSpan, ignoreCase: true))
            : null;

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Requests} per {Name(Per)}");

    /// <summary>As people read it: <c>1,000 requests per minute</c>.</summary>
    public string Describe() => string.Create(CultureInfo.InvariantCulture, $"{Requests:N0} request{(Requests == 1 ? "" : "s")} per {Name(Per)}");

    private static string Name(RateUnit unit) => unit switch
    {
        RateUnit.Second => "second",
        RateUnit.Minute => "minute",
        RateUnit.Hour => "hour",
        _ => "day",
    };

    [GeneratedRegex(@"^\s*([0-9]{1,7})\s+per\s+(second|minute|hour|day)\s*\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}

/// <summary>What was settled for one token.</summary>
/// <param name="Own">Whether the default of the configuration does not apply.</param>
/// <param name="Limit">The token's own; null with <paramref name="Own"/>: it has none.</param>
public readonly record struct RateLimitChoice(bool Own, RateLimit? Limit)
{
    public static readonly RateLimitChoice Default = new(false, null), None = new(true, null);

    public static RateLimitChoice Of(RateLimit limit) => new(true, limit);

    /// <summary>What is in force, when this is the default.</summary>
    public RateLimit? Or(RateLimit? defaultLimit) => Own ? Limit : defaultLimit;

    /// <param name="token">Its text is one that <see cref="Store"/> made.</param>
    internal static RateLimitChoice Of(Token token) => Restore(token.RateLimit);

    internal static RateLimitChoice Restore(string? stored) => stored switch
    {
        null => Default,
        "" => None,
        _ => new RateLimitChoice(true, RateLimit.Parse(stored)),
    };

    internal string? Store() => Own ? Limit?.ToString() ?? "" : null;

    /// <summary>For people: <c>the default</c>, <c>none</c>, <c>100 requests per minute</c>.</summary>
    public string Describe() => !Own ? "the default" : Limit?.Describe() ?? "none";
}
