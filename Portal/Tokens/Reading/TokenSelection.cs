using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore.Query;
using Portal.Data;

namespace Portal.Tokens.Reading;

/// <summary>What becomes of deleted tokens in a list.</summary>
public enum DeletedTokens
{
    LeftOut,
    Included,
    Only,
}

/// <summary>Which tokens of an account are wanted, and in which order, in terms that the database understands.</summary>
/// <param name="Deleted">Filters need not say it again.</param>
/// <param name="AlongOrder">Which of them, as far as it is about what they are ordered by first, so that it is a part of the order; null: all.</param>
/// <param name="Filter">Which of them otherwise; null: all.</param>
/// <param name="Order">Orders them, or with true the other way round. No two are equal in it.</param>
/// <param name="Key">The same for filters that find the same at the same time, and for no others; null: unknown.</param>
/// <param name="OrderKey">The same for all of the same order; null: it is another one when tokens are used.</param>
/// <param name="ChangesWithTime">Whether filters find others, or the order is another one, when a key ends or is about to.</param>
public sealed record TokenSelection(
    DeletedTokens Deleted,
    Expression<Func<Token, bool>>? AlongOrder,
    Expression<Func<Token, bool>>? Filter,
    Func<IQueryable<Token>, bool, IQueryable<Token>> Order,
    string? Key,
    string? OrderKey,
    bool ChangesWithTime)
{
    public bool IsFiltered => AlongOrder is not null || Filter is not null;

    /// <summary>All that are wanted, without an order.</summary>
    /// <param name="tokens">The account's.</param>
    public IQueryable<Token> Of(IQueryable<Token> tokens) => Where(Along(tokens), Filter);

    /// <summary>The same, but the database is kept from finding them by the filter: it goes along the order, which is far less work
    /// where many of those that it passes are wanted, and it has no way to know.</summary>
    public IQueryable<Token> InOrderOf(IQueryable<Token> tokens, bool backwards)
    {
        var never = false;
        Expression<Func<bool>> orNever = () => never;
        var along = Filter is null
            ? Along(tokens)
            : Along(tokens).Where(Expression.Lambda<Func<Token, bool>>(Expression.OrElse(Filter.Body, orNever.Body), Filter.Parameters));
        return Order(along, backwards);
    }

    /// <summary>What holds where all do; null: there are none.</summary>
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
        AlongOrder);

    private static IQueryable<Token> Where(IQueryable<Token> tokens, Expression<Func<Token, bool>>? filter) => filter is null ? tokens : tokens.Where(filter);
}
