using System.Linq.Expressions;
using Portal.Data;
using Portal.Tokens.Search;

namespace Portal.Tokens.Reading;

/// <content>The filters of the list.</content>
public sealed partial class TokenReader
{
    private async Task<TokenSelection> SelectAsync(PortalDbContext context, string accountId, TokenQuery query, StatusClock status, CancellationToken cancellation)
    {
        var owners = query.Owner is { } owner ? await OwnerReader.FindAsync(context, accountId, owner, cancellation) : null;
        var search = SearchOf(query, status) is { } found ? found with { Owners = owners } : null;
        // The same filter is answered differently for some orders.
        var kind = search is null ? "screen" : "index";
        return new TokenSelection(
            DeletedOf(query),
            // The index doesn't know the last use. Without the filter, a list in its order would begin with all tokens that aren't idle.
            OrderFilter: query.Idle && query.Sort == TokenSort.LastUsed ? IsIdle(status) : null,
            TokenSelection.All([.. FiltersOf(context, query, status)]),
            (tokens, backwards) => Order(tokens, query.Sort, query.Descending != backwards, status),
            // The last use and the requests change every second.
            Key: query.Idle || query.Attention is not null ? null : $"{kind} {query with { Page = 1, PageSize = 1, Sort = default, Descending = false }}",
            OrderKeyOf(query),
            ChangesWithTime: query.Status is not null || query.Expiring || query.Sort == TokenSort.Status)
        {
            Search = search,
            BeginsWithIds = UnknownModuleOf(query) is not null
                || query.Attention is TokenAttention.ExpiredCalled or TokenAttention.RefusedToday or TokenAttention.RetiredKey,
            Idle = query.Attention == TokenAttention.Idle ? IdleTokens.Used : query.Idle ? IdleTokens.UsedOrNot : null,
            IndexedOrder = IndexedOrderOf(query),
        };
    }

    private Expression<Func<Token, bool>> IsIdle(StatusClock status)
    {
        var since = status.Now.AddDays(-options.Value.IdleAfterDays);
        return token => token.LastUsedAt == null || token.LastUsedAt < since;
    }

    /// <summary>The part of the query that the index answers in memory. For other queries the database has an index.</summary>
    private TokenSearch? SearchOf(TokenQuery query, StatusClock status)
    {
        var (words, module) = (SearchWords.Parse(query.Search), query.ModuleId is { } id ? catalog.FindModule(id) : null);
        var isSorted = query.Sort == TokenSort.Permissions || (query.IsFiltered && query.Sort is TokenSort.Status or TokenSort.Extension);
        return words.Count > 0 || module is not null || isSorted || query.Owner is not null || query.Idle || query.Attention == TokenAttention.Idle
            ? new TokenSearch(words, DeletedOf(query), status)
            {
                Status = query.Status, ExtensionId = query.ExtensionId, Module = module?.Index, Expiring = query.Expiring, Working = query.Attention == TokenAttention.Idle,
            }
            : null;
    }

    /// <summary>The module, if the catalog no longer contains it. A grant of all modules doesn't cover it, but individual grants are still found.</summary>
    private string? UnknownModuleOf(TokenQuery query) => query.ModuleId is { } id && catalog.FindModule(id) is null ? id : null;

    private static DeletedTokens DeletedOf(TokenQuery query) => query.Status switch
    {
        TokenStatus.Deleted => DeletedTokens.Only,
        null when query.WithDeleted => DeletedTokens.Included,
        _ => DeletedTokens.LeftOut,
    };

    private IEnumerable<Expression<Func<Token, bool>>> FiltersOf(PortalDbContext context, TokenQuery query, StatusClock status)
    {
        var isSearch = SearchOf(query, status) is not null;
        if (query.Status is { } wanted && !isSearch)
            yield return status.Is(wanted);
        if (query.ExtensionId is { } extension && !isSearch)
            yield return token => token.ExtensionId == extension;
        if (UnknownModuleOf(query) is { } module)
        {
            var granted = context.TokenPermissions.Where(permission => permission.ModuleId == module).Select(permission => permission.TokenId);
            yield return token => granted.Contains(token.Id);
        }

        if (query.CreatedBy is { } creator)
            yield return token => token.CreatedByKind == CreatorKind.Token && token.CreatedById == creator;
        if (query.Expiring && !isSearch)
            yield return token => token.DeletedAt == null && token.ExpiresAt > status.Now && token.ExpiresAt <= status.ExpiringBefore;
        if (query.Attention is { } attention)
        {
            var filter = new AttentionFilter(status);
            if (attention != TokenAttention.Idle)
                yield return token => token.DeletedAt == null;
            if (attention is not (TokenAttention.RefusedToday or TokenAttention.RetiredKey or TokenAttention.Idle))
                yield return filter.Of(attention);
            if (filter.RequestsOf(attention) is { } requests)
            {
                var called = context.DailyCounts.Where(requests).Select(count => count.TokenId);
                yield return token => called.Contains(token.Id);
            }
        }
    }
}
