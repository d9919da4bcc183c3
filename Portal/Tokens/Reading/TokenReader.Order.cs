using System.Diagnostics;
using System.Globalization;
using System.Linq.Expressions;
using Portal.Catalog;
using Portal.Data;
using Portal.Localization;
using Portal.Tokens.Search;

namespace Portal.Tokens.Reading;

/// <content>The orders of the list.</content>
public sealed partial class TokenReader
{
    private readonly string[] _offeredExtensions = [.. catalog.Extensions.Select(extension => extension.Id)];

    /// <summary>A cache key of the order; null: the order changes with the use of tokens. Only the titles of extensions are sorted by the reader's
    /// culture.</summary>
    private static string? OrderKeyOf(TokenQuery query) => query.Sort switch
    {
        TokenSort.LastUsed => null,
        TokenSort.Extension => $"{query.Sort} {query.Descending} {CultureInfo.CurrentCulture.Name}",
        _ => $"{query.Sort} {query.Descending}",
    };

    /// <summary>Perpetual tokens sort as ending last, and unused tokens as used first. Ties are sorted by age, so that pages are stable.</summary>
    private IOrderedQueryable<Token> Order(IQueryable<Token> tokens, TokenSort sort, bool descending, StatusClock status)
    {
        var ordered = sort switch
        {
            TokenSort.Name => By(tokens, token => token.NameSortKey, descending),
            TokenSort.Handle => By(tokens, token => token.Handle, descending),
            TokenSort.Extension => Then(
                By(tokens, ExtensionPlace(), descending), token => _offeredExtensions.Contains(token.ExtensionId) ? "" : token.ExtensionName, descending),
            TokenSort.Status => By(tokens, status.Expression, descending),
            TokenSort.Permissions => By(tokens, token => token.AllModules ? int.MaxValue : token.Permissions.Count(permission => _offered.Contains(permission.ModuleId)), descending),
            TokenSort.Expires => Then(By(tokens, token => token.ExpiresAt == null, descending), token => token.ExpiresAt, descending),
            TokenSort.LastUsed => Then(By(tokens, token => token.LastUsedAt != null, descending), token => token.LastUsedAt, descending),
            TokenSort.Created => By(tokens, token => token.CreatedAt, descending),
            _ => throw new UnreachableException(),
        };
        return Then(ordered, token => token.Id, descending);
    }

    private static IOrderedQueryable<Token> By<TKey>(
        IQueryable<Token> tokens, Expression<Func<Token, TKey>> key, bool descending) =>
        descending ? tokens.OrderByDescending(key) : tokens.OrderBy(key);

    private static IOrderedQueryable<Token> Then<TKey>(
        IOrderedQueryable<Token> tokens, Expression<Func<Token, TKey>> key, bool descending) =>
        descending ? tokens.ThenByDescending(key) : tokens.ThenBy(key);

    /// <summary>The order in memory; null: the index doesn't have it.</summary>
    private IndexedOrder? IndexedOrderOf(TokenQuery query) => query.Sort switch
    {
        TokenSort.Created => new IndexedOrder(IndexedSort.Age, query.Descending),
        TokenSort.Status => new IndexedOrder(IndexedSort.Status, query.Descending),
        TokenSort.Permissions => new IndexedOrder(IndexedSort.Permissions, query.Descending),
        TokenSort.Extension => new IndexedOrder(IndexedSort.Extension, query.Descending)
        {
            Extensions = [.. ExtensionsFromLast().Reverse().Select(extension => extension.Id)],
        },
        _ => null,
    };

    private IOrderedEnumerable<Extension> ExtensionsFromLast() => catalog.Extensions.OrderByDescending(extension => extension.Title, NameCollation.ForReader);

    /// <summary>The place of the token's extension among those of the catalog, by title. Extensions that the catalog no longer contains are last.</summary>
    private Expression<Func<Token, int>> ExtensionPlace()
    {
        Expression<Func<Token, string>> id = token => token.ExtensionId;
        Expression place = Expression.Constant(int.MaxValue);
        foreach (var (index, extension) in ExtensionsFromLast().Index())
            place = Expression.Condition(
                Expression.Equal(id.Body, Expression.Constant(extension.Id)), Expression.Constant(catalog.Extensions.Count - index), place);
        return Expression.Lambda<Func<Token, int>>(place, id.Parameters);
    }
}
