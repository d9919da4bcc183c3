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

    /// <summary>What people type if nobody is to be told.</summary>
    public const string Never = "-";

    /// <summary>Reads the stored numbers.</summary>
    /// <returns>Null: as configured. Otherwise the largest first; none: nobody is told.</returns>
    public static IReadOnlyList<int>? Parse(string? stored) => stored is null ? null : Numbers(stored) is { } numbers ? [.. numbers.Distinct().OrderDescending()] : [];

    /// <summary>The form in which people type what is stored: <c>30, 7</c>, <see cref="Never"/>, or empty for the configured days.</summary>
    public static string Write(string? stored) => stored is null ? "" : stored.Length == 0 ? Never : stored.Replace(",", ", ", StringComparison.Ordinal);

    /// <summary>The form in which typed numbers are stored; null: as configured.</summary>
    public static string? Read(string typed) =>
        typed.Trim() is not { Length: > 0 } text ? null : text == Never ? "" : string.Join(',', (Numbers(text) ?? []).Distinct().OrderDescending());

    /// <param name="typed">Null: nothing to check.</param>
    /// <returns>The error message; null: valid.</returns>
    public static string? Check(string? typed) =>
        typed is null || typed.Trim() is "" or Never || Numbers(typed)?.TrueForAll(Offered.Contains) is true ? null : Texts.NoticeDays_NotOffered.With(string.Join(", ", Offered));

    private static List<int>? Numbers(string text)
    {
        var numbers = new List<int>();
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return null;
            numbers.Add(number);
        }

        return numbers;
    }

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
