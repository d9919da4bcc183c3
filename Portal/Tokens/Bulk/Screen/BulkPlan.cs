using Portal.Localization;
using Portal.Statistics;

namespace Portal.Tokens.Bulk.Screen;

/// <summary>What a bulk action will do to the selected tokens: which it changes, which it leaves out, and which are in use.</summary>
public sealed class BulkPlan
{
    /// <summary>Above this number, deleting asks to type the number of tokens.</summary>
    internal const int MostWithoutTyping = 10;

    private BulkPlan(IReadOnlyList<BulkItem> affected, IReadOnlyList<(BulkSkip Reason, IReadOnlyList<BulkToken> Tokens)> skipped, DateTime now)
    {
        (Affected, Skipped) = (affected, skipped);
        InUse = affected.Count(item => item.Token.LastUsedAt > now.AddDays(-StatisticsReader.DaysOfUse));
        UsedToday = affected.Count(item => item.Token.LastUsedAt > now.AddDays(-1));
        RequestsPerDay = affected.Where(item => item.Token.Works).Sum(item => item.Use.PerDay);
        WithTwoKeys = affected.Count(item => item.Token.HasTwoKeys);
    }

    /// <summary>The tokens that the action changes, most used first.</summary>
    public IReadOnlyList<BulkItem> Affected { get; }

    /// <summary>The other tokens by reason.</summary>
    public IReadOnlyList<(BulkSkip Reason, IReadOnlyList<BulkToken> Tokens)> Skipped { get; }

    public int SkippedCount => Skipped.Sum(group => group.Tokens.Count);

    /// <summary>The number of tokens that were used in the last days.</summary>
    public int InUse { get; }

    /// <summary>The number of tokens that were used in the last 24 hours.</summary>
    public int UsedToday { get; }

    /// <summary>The estimated number of requests per day with keys that work now.</summary>
    public long RequestsPerDay { get; }

    public int WithTwoKeys { get; }

    /// <summary>Whether deleting asks to type the number of tokens.</summary>
    public bool NeedsTyping => Affected.Count > MostWithoutTyping || UsedToday > 0;

    /// <param name="expiresAt">For Renew: the selected expiration of all new keys, UTC; null: none is selected.</param>
    /// <param name="shortens">Whether the expiration is for Shorten.</param>
    public static BulkPlan For(IReadOnlyList<BulkItem> items, DateTime? expiresAt, DateTime now, bool shortens = false)
    {
        var affected = new List<BulkItem>();
        var skipped = new SortedDictionary<BulkSkip, List<BulkToken>>();
        foreach (var item in items)
        {
            if ((item.Token.Skip ?? SkipFor(item.Token)) is not { } reason)
                affected.Add(item);
            else if (skipped.TryGetValue(reason, out var others))
                others.Add(item.Token);
            else
                skipped[reason] = [item.Token];
        }

        return new BulkPlan(
            [.. affected.OrderByDescending(item => item.Use.Today).ThenByDescending(item => item.Token.LastUsedAt).ThenBy(item => item.Token.Name, NameCollation.ForReader)],
            [.. skipped.Select(group => (group.Key, (IReadOnlyList<BulkToken>)[.. group.Value.OrderBy(token => token.Name, NameCollation.ForReader)]))], now);
        BulkSkip? SkipFor(BulkToken token) =>
            shortens ? token.ExpiresAt <= expiresAt ? BulkSkip.EndsEarlier : null
            : token.ExpiresAt > expiresAt ? BulkSkip.LastsLonger
            : null;

    }
}
