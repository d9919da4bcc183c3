using System.Globalization;
using Portal.Localization;

namespace Portal.Tokens;

/// <summary>The numbers of days before an expiration at which people are told, as a token stores them instead of the configured ones.</summary>
public static class NoticeDays
{
    /// <summary>The largest number of days.</summary>
    public const int Largest = 365;

    /// <summary>The numbers that can be chosen for a token. Portal looks for tokens at these distances, so the list is short.</summary>
    public static IReadOnlyList<int> Offered { get; } = [180, 90, 60, 30, 14, 7, 3, 2, 1, 0];

    /// <summary>Reads the stored numbers. Anything else in the text is left out, so that one row can't keep the notices of all tokens.</summary>
    /// <returns>Null: the text is null, so the configuration applies. Otherwise the largest first; none: nobody is told.</returns>
    public static IReadOnlyList<int>? Parse(string? text) => text is null
        ? null
        : [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(number => int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var days) ? days : -1).Where(days => days is >= 0 and <= Largest).Distinct().OrderDescending()];

    /// <summary>The form in which a token stores the numbers; null: as configured.</summary>
    public static string? Write(IEnumerable<int>? days) => days is null ? null : string.Join(',', days.Distinct().OrderDescending());

    /// <returns>The error message; null: valid.</returns>
    public static string? Check(IReadOnlyCollection<int>? days) => days?.FirstOrDefault(day => !Offered.Contains(day), -1) is >= 0 or < -1
        ? Texts.NoticeDays_NotOffered.With(string.Join(", ", Offered))
        : null;

    /// <summary>Finds the newest moment of notice that has passed.</summary>
    /// <param name="days">The numbers of days before the expiration.</param>
    /// <param name="keyCreatedAt">When the newest key was created. A key is announced only at moments at least a day after that: people who create a
    /// key for 30 days know that it expires in 30 days.</param>
    /// <returns>Null: none has passed.</returns>
    public static int? FindNewest(IEnumerable<int> days, DateTime expiresAt, DateTime keyCreatedAt, DateTime now)
    {
        int? newest = null;
        foreach (var day in days)
            if (expiresAt.AddDays(-day) <= now && (newest is null || day < newest))
                newest = day;
        return newest is { } found && expiresAt - keyCreatedAt >= TimeSpan.FromDays(found + 1) ? found : null;
    }
}
