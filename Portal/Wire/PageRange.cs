using System.Globalization;

namespace Portal.Wire;

/// <summary>The page of a list that a request asks for: <c>?limit=10&amp;offset=20</c>.</summary>
/// <param name="Offset">The number of items to skip.</param>
/// <param name="Limit">The maximum number of items, 0 to <see cref="LargestLimit"/>. With 0, only the total is returned.</param>
public readonly record struct PageRange(int Offset, int Limit)
{
    public const int DefaultLimit = 100;
    public const int LargestLimit = 1000;

    /// <summary>Reads <c>limit</c> and <c>offset</c> from the query string.</summary>
    /// <returns>The refusal; null: both are valid.</returns>
    public static Refusal? Read(IQueryCollection query, out PageRange window)
    {
        var limitIsGood = TryRead(query, "limit", DefaultLimit, LargestLimit, out var limit);
        var offsetIsGood = TryRead(query, "offset", 0, int.MaxValue, out var offset);
        window = new PageRange(offset, limit);
        if (limitIsGood && offsetIsGood)
            return null;
        List<string> faults = [];
        if (!limitIsGood)
            faults.Add($"limit: must be one whole number from 0 to {LargestLimit}.");
        if (!offsetIsGood)
            faults.Add("offset: must be one whole number, 0 or more.");
        return new Refusal(StatusCodes.Status400BadRequest, ErrorCodes.Invalid, [.. faults]);
    }

    /// <summary>The part of a list of <paramref name="total"/> items that is on the page.</summary>
    public Range Of(int total)
    {
        var start = Math.Min(Offset, total);
        return start..(start + Math.Min(Limit, total - start));
    }

    /// <summary>Formats the range <c>items 0-9/12</c>: the positions of the first and last item, from 0, and the total.</summary>
    /// <remarks>If the page is empty, both positions are the offset, because clients of the wire contract expect numbers.</remarks>
    public string ContentRange(int total)
    {
        var (_, count) = Of(total).GetOffsetAndLength(total);
        return string.Create(CultureInfo.InvariantCulture, $"items {Offset}-{Offset + Math.Max(count - 1, 0)}/{total}");
    }

    private static bool TryRead(IQueryCollection query, string name, int fallback, int largest, out int value)
    {
        value = fallback;
        return !query.TryGetValue(name, out var given)
            || (given is [{ } text] && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value <= largest);
    }
}
