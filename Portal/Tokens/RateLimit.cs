using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Portal.Data;
using Portal.Localization;

namespace Portal.Tokens;

/// <summary>The unit of time of a rate limit.</summary>
public enum RateUnit
{
    Second,
    Minute,
    Hour,
    Day,
}

/// <summary>The number of requests per unit of time. They may arrive together or spread out; the used quota refills evenly.</summary>
/// <param name="Requests">1 to <see cref="Most"/>.</param>
public readonly partial record struct RateLimit(int Requests, RateUnit Per)
{
    public const int Most = 1_000_000;

    public TimeSpan Window => Per switch
    {
        RateUnit.Second => TimeSpan.FromSeconds(1),
        RateUnit.Minute => TimeSpan.FromMinutes(1),
        RateUnit.Hour => TimeSpan.FromHours(1),
        RateUnit.Day => TimeSpan.FromDays(1),
        _ => throw new UnreachableException(),
    };

    /// <summary>Parses a limit such as <c>100 per minute</c>.</summary>
    /// <returns>Null: not of this format, or out of range.</returns>
    public static RateLimit? Parse(string? text) =>
        Form().Match(text ?? "") is { Success: true } match
        && int.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var requests) && requests is >= 1 and <= Most
            ? new RateLimit(requests, Enum.Parse<RateUnit>(match.Groups[2].ValueSpan, ignoreCase: true))
            : null;

    /// <summary>Formats the limit so that <see cref="Parse"/> can read it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Requests} per {Name(Per)}");

    /// <summary>Formats the limit for users: <c>1,000 requests per minute</c>.</summary>
    public string Describe() => Per switch
    {
        RateUnit.Second => TextFormat.Count(Requests, Texts.RateLimit_PerSecond_One, Texts.RateLimit_PerSecond_Other),
        RateUnit.Minute => TextFormat.Count(Requests, Texts.RateLimit_PerMinute_One, Texts.RateLimit_PerMinute_Other),
        RateUnit.Hour => TextFormat.Count(Requests, Texts.RateLimit_PerHour_One, Texts.RateLimit_PerHour_Other),
        RateUnit.Day => TextFormat.Count(Requests, Texts.RateLimit_PerDay_One, Texts.RateLimit_PerDay_Other),
        _ => throw new UnreachableException(),
    };

    private static string Name(RateUnit unit) => unit switch
    {
        RateUnit.Second => "second",
        RateUnit.Minute => "minute",
        RateUnit.Hour => "hour",
        RateUnit.Day => "day",
        _ => throw new UnreachableException(),
    };

    [GeneratedRegex(@"^\s*([0-9]{1,7})\s+per\s+(second|minute|hour|day)\s*\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}

/// <summary>The rate limit setting of one token.</summary>
/// <param name="Own">Whether the token has its own setting instead of the configured default.</param>
/// <param name="Limit">The limit of the token; null with <paramref name="Own"/>: no limit.</param>
public readonly record struct RateLimitChoice(bool Own, RateLimit? Limit)
{
    public static readonly RateLimitChoice Default = new(false, null), None = new(true, null);

    public static RateLimitChoice Of(RateLimit limit) => new(true, limit);

    /// <summary>The limit that applies, given the configured default.</summary>
    public RateLimit? Or(RateLimit? defaultLimit) => Own ? Limit : defaultLimit;

    /// <param name="token">A token whose text <see cref="Store"/> created.</param>
    internal static RateLimitChoice Of(Token token) => Restore(token.RateLimit);

    internal static RateLimitChoice Restore(string? stored) => stored switch
    {
        null => Default,
        "" => None,
        // A text that this version can't read, of a later one or damaged, must not lift the limit.
        _ => RateLimit.Parse(stored) is { } limit ? Of(limit) : Default,
    };

    internal string? Store() => Own ? Limit?.ToString() ?? "" : null;

    /// <summary>Formats the setting for users: <c>the default</c>, <c>none</c>, <c>100 requests per minute</c>.</summary>
    public string Describe() => !Own ? Texts.RateLimit_Default : Limit?.Describe() ?? Texts.RateLimit_None;

    /// <summary>The setting in the audit log and other stored values, independent of the language: <c>default</c>, <c>none</c>,
    /// <c>100 per minute</c>.</summary>
    public string Code => !Own ? "default" : Limit?.ToString() ?? "none";
}
