using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Data;
using Portal.Tokens.Search;

namespace Portal.Tokens.Reading;

/// <summary>Counts the tokens of the actor's account that need attention, for any role.</summary>
/// <remarks>With very many tokens, counting takes longer than a page may.</remarks>
public sealed partial class TokenAttentionReader
{
    private readonly IDbContextFactory<PortalDbContext> _contexts;
    private readonly TokenRecordReader _records;
    private readonly TokenIndexes _indexes;
    private readonly TokenUses _uses;
    private readonly AccessControl _access;
    private readonly ILogger<TokenAttentionReader> _logger;
    private readonly SlowResults<AttentionCounts> _results;

    public TokenAttentionReader(
        IDbContextFactory<PortalDbContext> contexts, TokenRecordReader records, TokenIndexes indexes, TokenUses uses, AccessControl access,
        TimeProvider clock, ILogger<TokenAttentionReader> logger)
    {
        (_contexts, _records, _indexes, _uses, _access, _logger) = (contexts, records, indexes, uses, access, logger);
        _results = new(clock, CountAsync, LogFailed);
    }

    /// <summary>Counts them. The filter <see cref="TokenQuery.Attention"/> lists exactly these tokens.</summary>
    public async Task<AttentionCounts> CountAsync(Actor actor, CancellationToken cancellation = default)
    {
        await _access.RequireAsync(actor, Role.Viewer, cancellation);
        return await _results.GetAsync(actor.AccountId, cancellation);
    }

    private async Task<AttentionCounts> CountAsync(string account, CancellationToken cancellation)
    {
        await using var context = await _contexts.CreateDbContextAsync(cancellation);
        var filter = new AttentionFilter(_records.Clock);
        Task<int> CountAsync(TokenAttention attention) => Of(context, account, filter, attention).CountAsync(cancellation);
        return new AttentionCounts(
            await CountAsync(TokenAttention.ExpiringSoon), await CountAsync(TokenAttention.ExpiredCalled), await CountAsync(TokenAttention.RefusedToday),
            await CountAsync(TokenAttention.RetiredKey), await CountIdleAsync(context, account, filter, cancellation), await CountAsync(TokenAttention.NeverUsed));
    }

    /// <summary>Counts tokens that work and were used, but not lately. If the index of the search isn't in memory yet, the database says which ones
    /// work: soon after a start, reading the index of many tokens takes much longer.</summary>
    private async Task<int> CountIdleAsync(PortalDbContext context, string account, AttentionFilter filter, CancellationToken cancellation)
    {
        var uses = await _uses.GetAsync(account, cancellation);
        if (_indexes.Has(account))
        {
            var totals = await context.TokenTotals.AsNoTracking().SingleOrDefaultAsync(totals => totals.AccountId == account, cancellation);
            var index = await _indexes.GetAsync(account, totals, cancellation);
            return index.Find(new TokenSearch([], DeletedTokens.LeftOut, filter.Status) { Working = true, Use = new(uses, WasUsed: true) }).Count;
        }

        var count = 0;
        await foreach (var id in Working(context, account, filter.Status.Now).Select(token => token.Id).AsAsyncEnumerable().WithCancellation(cancellation))
            if (uses.Before.Contains(id))
                count++;
        return count;
    }

    private static IQueryable<Token> Working(PortalDbContext context, string account, DateTime now) => context.Tokens.Where(token =>
        token.AccountId == account && token.DeletedAt == null && token.Status == StoredStatus.Active
        && (token.ExpiresAt == null || token.ExpiresAt > now || token.PreviousEndsAt > now));

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
}
