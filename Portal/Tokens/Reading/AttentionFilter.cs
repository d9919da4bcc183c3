using System.Linq.Expressions;
using Portal.Data;

namespace Portal.Tokens.Reading;

/// <summary>Which tokens need attention, as conditions for the database. The list and the counts share them.</summary>
/// <param name="Status">The time for which they apply.</param>
internal sealed record AttentionFilter(StatusClock Status)
{
    private DateTime Now => Status.Now;

    private DateOnly Today => DateOnly.FromDateTime(Now);

    /// <summary>The condition on the token itself. It doesn't leave out deleted tokens. The index of the search finds idle ones.</summary>
    public Expression<Func<Token, bool>> Of(TokenAttention attention)
    {
        var (now, soon, isOld) = (Now, Now.AddDays(AttentionCounts.SoonDays), Now.AddDays(-AttentionCounts.NewDays));
        return attention switch
        {
            TokenAttention.ExpiringSoon => token => token.Status == StoredStatus.Active && token.ExpiresAt > now && token.ExpiresAt <= soon,
            TokenAttention.ExpiredCalled => Status.Is(TokenStatus.Expired),
            TokenAttention.RefusedToday or TokenAttention.RetiredKey or TokenAttention.Idle => _ => true,
            TokenAttention.NeverUsed => token => token.Status == StoredStatus.Active && token.LastUsedAt == null && token.CreatedAt < isOld
                && (token.ExpiresAt == null || token.ExpiresAt > now || token.PreviousEndsAt > now),
            _ => throw new ArgumentOutOfRangeException(nameof(attention), attention, "Unknown attention."),
        };
    }

    /// <summary>The requests that call attention to their tokens; null: requests don't matter.</summary>
    /// <remarks>All compare the reason as <c>IX_DailyCounts_Refused</c> does, which contains only the refused requests.</remarks>
    public Expression<Func<DailyCount, bool>>? RequestsOf(TokenAttention attention)
    {
        var (today, yesterday, lately) = (Today, Today.AddDays(-1), Today.AddDays(1 - AttentionCounts.RetiredKeyDays));
        return attention switch
        {
            TokenAttention.ExpiredCalled => count => count.Day >= yesterday && count.Day <= today
                && count.Reason.Length > 0 && count.Reason == DailyCount.NotUsable,
            TokenAttention.RefusedToday => count => count.Day == today && count.Reason.Length > 0 && count.Reason != DailyCount.RetiredKey,
            TokenAttention.RetiredKey => count => count.Day >= lately && count.Day <= today
                && count.Reason.Length > 0 && count.Reason == DailyCount.RetiredKey,
            _ => null,
        };
    }
}
