using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Access;
using Portal.Data;
using Portal.Tokens.Search;

namespace Portal.Tokens.Reading;

/// <summary>Counts the tokens of the actor's account that need attention, for any role.</summary>
/// <remarks>With very many tokens, counting those that are idle takes longer than a page may. Counts that took long are kept for a while and then
/// counted again in the background, so that they take a small share of a processor, and no page waits for them.</remarks>
public sealed partial class TokenAttentionReader(
    IDbContextFactory<PortalDbContext> contexts, TokenRecordReader records, TokenIndexes indexes, AccessControl access, IOptions<TokenOptions> options, TimeProvider clock,
    ILogger<TokenAttentionReader> logger)
{
    /// <summary>Counts that took less are never kept.</summary>
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(10);

    /// <summary>Older counts aren't shown any more.</summary>
    private static readonly TimeSpan Oldest = TimeSpan.FromMinutes(1);

    /// <summary>How many times as long as it took to count them counts are current.</summary>
    private const int Rest = 20;

    private readonly ConcurrentDictionary<string, Kept> _kept = new(StringComparer.Ordinal);

    /// <summary>Counts them. The filter <see cref="TokenQuery.Attention"/> lists exactly these tokens.</summary>
    public async Task<AttentionCounts> CountAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        var account = actor.AccountId;
        if (!_kept.TryGetValue(account, out var kept) || clock.GetElapsedTime(kept.At) is var age && age > Oldest)
            return (await CountAsync(account, cancellation)).Counts;
        if (age > kept.Took * Rest && kept.TryRefresh())
            _ = Task.Run(() => RefreshAsync(account), CancellationToken.None);
        return kept.Counts;
    }

    private async Task RefreshAsync(string account)
    {
        try
        {
            await CountAsync(account, CancellationToken.None);
        }
        catch (Exception exception)
        {
            _kept.TryRemove(account, out _);
            LogFailed(exception);
        }
    }

    private async Task<Kept> CountAsync(string account, CancellationToken cancellation)
    {
        var began = clock.GetTimestamp();
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var filter = new AttentionFilter(records.Clock, options.Value.IdleAfterDays);
        Task<int> CountAsync(TokenAttention attention) => Of(context, account, filter, attention).CountAsync(cancellation);
        var counts = new AttentionCounts(
            await CountAsync(TokenAttention.ExpiringSoon), await CountAsync(TokenAttention.ExpiredCalled), await CountAsync(TokenAttention.RefusedToday),
            await CountAsync(TokenAttention.RetiredKey), await CountIdleAsync(context, account, filter, cancellation), await CountAsync(TokenAttention.NeverUsed));
        var now = clock.GetTimestamp();
        var kept = new Kept(counts, now, clock.GetElapsedTime(began, now));
        if (kept.Took > Short)
            _kept[account] = kept;
        else
            _kept.TryRemove(account, out _);
        return kept;
    }

    /// <summary>Counts tokens that work and were used, but not lately. The index of the last use gives their IDs, and the index of the search tells
    /// whether they work: reading each of them would take a hundred times as long.</summary>
    private async Task<int> CountIdleAsync(PortalDbContext context, string account, AttentionFilter filter, CancellationToken cancellation)
    {
        var totals = await context.TokenTotals.AsNoTracking().SingleOrDefaultAsync(totals => totals.AccountId == account, cancellation);
        var working = (await indexes.GetAsync(account, totals, cancellation)).Find(new TokenSearch([], DeletedTokens.LeftOut, filter.Status) { Working = true });
        var unused = context.Tokens.Where(token => token.AccountId == account).Where(filter.Of(TokenAttention.Idle)).Select(token => token.Id);
        var count = 0;
        await foreach (var id in unused.AsAsyncEnumerable().WithCancellation(cancellation))
            if (working.Contains(id))
                count++;
        return count;
    }

    private static IQueryable<Token> Of(PortalDbContext context, string account, AttentionFilter filter, TokenAttention attention)
    {
        var tokens = context.Tokens.AsNoTracking().Where(token => token.DeletedAt == null).Where(filter.Of(attention));
        if (filter.RequestsOf(attention) is not { } requests)
            return tokens.Where(token => token.AccountId == account);
        // Few tokens have such requests: the database must begin with these instead of with the tokens of the account.
        var called = context.DailyCounts.Where(requests).Select(count => count.TokenId);
        return tokens.Where(token => called.Contains(token.Id) && token.AccountId + "" == account);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The tokens that need attention could not be counted")]
    private partial void LogFailed(Exception exception);

    /// <param name="At">A timestamp of the clock.</param>
    private sealed record Kept(AttentionCounts Counts, long At, TimeSpan Took)
    {
        private int _refreshing;

        /// <summary>Whether the caller is the first who wants new counts.</summary>
        public bool TryRefresh() => Interlocked.Exchange(ref _refreshing, 1) == 0;
    }
}
