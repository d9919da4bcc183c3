using System.Linq.Expressions;

namespace Portal.Api.Rql;

/// <summary>Further columns of a text that make comparisons in the database cheaper. Not for rows in memory.</summary>
/// <param name="Upper">The same in upper case.</param>
/// <param name="UpperWithin">A text in which it stands in upper case, among others.</param>
/// <param name="IsIndexed">Whether an index begins with it.</param>
public sealed record RqlStored<T>(Expression<Func<T, string?>>? Upper = null, Expression<Func<T, string?>>? UpperWithin = null, bool IsIndexed = false);

/// <summary>A query in parts.</summary>
/// <param name="AlongOrder">What it says of the property that orders first, as far as that is a part of the order; null: nothing.</param>
/// <param name="Filter">What it says otherwise; null: nothing.</param>
/// <param name="Order">Orders rows, or with true the other way round.</param>
public sealed record RqlSelection<T>(
    Expression<Func<T, bool>>? AlongOrder, Expression<Func<T, bool>>? Filter, Func<IQueryable<T>, bool, IQueryable<T>> Order);
