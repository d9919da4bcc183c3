using System.Linq.Expressions;

namespace Portal.Api.Rql;

/// <summary>Additional columns that make comparisons of a text in the database cheaper. Not for rows in memory.</summary>
/// <param name="Upper">The text in upper case.</param>
/// <param name="UpperSearchText">A longer text that contains it in upper case.</param>
/// <param name="IsIndexed">Whether an index starts with it.</param>
public sealed record RqlStored<T>(Expression<Func<T, string?>>? Upper = null, Expression<Func<T, string?>>? UpperSearchText = null, bool IsIndexed = false);

/// <summary>The parts of a query.</summary>
/// <param name="OrderFilter">The filter on the first sort property, which selects a contiguous part of the order; null: none.</param>
/// <param name="Filter">The rest of the filter; null: none.</param>
/// <param name="Order">Sorts rows; with true, in reverse.</param>
public sealed record RqlSelection<T>(
    Expression<Func<T, bool>>? OrderFilter, Expression<Func<T, bool>>? Filter, Func<IQueryable<T>, bool, IQueryable<T>> Order);
