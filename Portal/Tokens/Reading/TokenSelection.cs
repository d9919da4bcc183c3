using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore.Query;
using Portal.Data;
using Portal.Tokens.Search;

namespace Portal.Tokens.Reading;

/// <summary>How a list treats deleted tokens.</summary>
public enum DeletedTokens
{
    LeftOut,
    Included,
    Only,
}

/// <summary>Which tokens are idle: not used for <see cref="TokenOptions.IdleAfterDays"/>.</summary>
public enum IdleTokens
{
    /// <summary>Those that were used, but not lately.</summary>
    Used,

    /// <summary>Also those that were never used and are so old.</summary>
    UsedOrNot,
}

/// <summary>A filter and an order for the tokens of an account, as expressions for the database.</summary>
/// <param name="Deleted">How to treat deleted tokens. Filters don't repeat it.</param>
/// <param name="OrderFilter">The filter on the first sort column, which selects a contiguous part of the order; null: none.</param>
/// <param name="Filter">The rest of the filter; null: none.</param>
/// <param name="Order">Sorts tokens; with true, in reverse. The order is unique.</param>
/// <param name="Key">A cache key: equal only for filters with the same results at the same time; null: don't cache.</param>
/// <param name="OrderKey">A cache key of the order; null: the order changes with the use of tokens.</param>
/// <param name="ChangesWithTime">Whether the results or their order change when a key expires or starts to be expiring.</param>
public sealed record TokenSelection(
    DeletedTokens Deleted,
    Expression<Func<Token, bool>>? OrderFilter,
    Expression<Func<Token, bool>>? Filter,
    Func<IQueryable<Token>, bool, IQueryable<Token>> Order,
    string? Key,
    string? OrderKey,
    bool ChangesWithTime)
{
    /// <summary>The part of the filter that is answered in memory, besides <see cref="Filter"/>; null: none.</summary>
    public TokenSearch? Search { get; init; }

    /// <summary>Only idle tokens, if there is a <see cref="Search"/>; null: any.</summary>
    public IdleTokens? Idle { get; init; }

    /// <summary>The same order in memory; null: only the database has it.</summary>
    public IndexedOrder? IndexedOrder { get; init; }

    /// <summary>Whether the filter begins with the IDs of few tokens, so that the database must not begin with the tokens of the account.</summary>
    public bool BeginsWithIds { get; init; }

    public bool IsFiltered => OrderFilter is not null || Filter is not null || Search is not null;

    /// <summary>Filters the tokens, without sorting.</summary>
    /// <param name="tokens">The tokens of the account.</param>
    public IQueryable<Token> Of(IQueryable<Token> tokens) => Where(Along(tokens), Filter);

    /// <summary>Filters and sorts the tokens, and makes the database read along the order instead of using an index of the filter. This is faster
    /// if many tokens match, which the database can't know.</summary>
    public IQueryable<Token> InOrderOf(IQueryable<Token> tokens, bool backwards)
    {
        var never = false;
        Expression<Func<bool>> orNever = () => never;
        var along = Filter is null
            ? Along(tokens)
            : Along(tokens).Where(Expression.Lambda<Func<Token, bool>>(Expression.OrElse(Filter.Body, orNever.Body), Filter.Parameters));
        return Order(along, backwards);
    }

    /// <summary>Sorts the tokens without filtering them, except by whether they are deleted.</summary>
    public IQueryable<Token> AllInOrderOf(IQueryable<Token> tokens, bool backwards) => Order(Along(tokens), backwards);

    /// <summary>Combines filters with AND; null: there are none.</summary>
    public static Expression<Func<Token, bool>>? All(IReadOnlyList<Expression<Func<Token, bool>>> filters) =>
        filters.Count == 0 ? null : filters.Aggregate((all, next) => Expression.Lambda<Func<Token, bool>>(
            Expression.AndAlso(all.Body, ReplacingExpressionVisitor.Replace(next.Parameters[0], all.Parameters[0], next.Body)), all.Parameters));

    private IQueryable<Token> Along(IQueryable<Token> tokens) => Where(
        Deleted switch
        {
            DeletedTokens.LeftOut => tokens.Where(token => token.DeletedAt == null),
            DeletedTokens.Only => tokens.Where(token => token.DeletedAt != null),
            _ => tokens,
        },
        OrderFilter);

    private static IQueryable<Token> Where(IQueryable<Token> tokens, Expression<Func<Token, bool>>? filter) => filter is null ? tokens : tokens.Where(filter);
}
