using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore.Query;

namespace Portal.Api.Rql;

/// <summary>The operators that a property supports.</summary>
[Flags]
public enum RqlLookups
{
    /// <summary><c>eq</c>, <c>ne</c>.</summary>
    Equal = 1,

    /// <summary><c>in</c>, <c>out</c>.</summary>
    List = 2,

    /// <summary><c>like</c>, <c>ilike</c>.</summary>
    Like = 4,

    /// <summary><c>lt</c>, <c>le</c>, <c>gt</c>, <c>ge</c>.</summary>
    Range = 8,

    /// <summary><c>null()</c>, with the operators that test equality.</summary>
    Null = 16,

    Text = Equal | List | Like,
    Scalar = Equal | List | Range,
}

/// <summary>A property as the OpenAPI document describes it.</summary>
/// <param name="Lookups">The supported operators: <c>eq</c>, <c>ne</c>, …, and <c>null</c> for <c>null()</c>.</param>
/// <param name="ValueType"><see cref="string"/>, <see cref="DateTime"/>, <see cref="long"/> or <see cref="bool"/>.</param>
/// <param name="Allowed">The allowed values; null: any.</param>
public sealed record RqlPropertyInfo(
    string Name, IReadOnlyList<string> Lookups, Type ValueType, IReadOnlyList<string>? Allowed, bool IsOrdered, bool IsSearched);

/// <summary>A property by which a list can be filtered, computed from a row.</summary>
internal abstract class RqlProperty<T>(string name, RqlLookups lookups)
{
    public string Name => name;
    public RqlLookups Lookups => lookups;

    /// <summary>The type of the values that it is compared with.</summary>
    public virtual Type ValueType => typeof(string);

    /// <summary>The allowed values, for the OpenAPI document; null if every value is allowed.</summary>
    public virtual IReadOnlyList<string>? Allowed => null;

    /// <summary>Whether <c>empty()</c> is supported.</summary>
    public virtual bool IsText => false;

    /// <summary>See <see cref="RqlStored{T}"/>.</summary>
    public virtual Expression<Func<T, string?>>? UpperSearchText => null;

    /// <summary>Orders rows by the property; null: not supported.</summary>
    public virtual Func<IQueryable<T>, bool, IOrderedQueryable<T>>? Order => null;

    /// <summary>Creates the test for an operator that isn't the negation of another. <see cref="RqlOperator.Eq"/> is used for
    /// <c>in</c> too.</summary>
    /// <returns>The error in the values; null: valid.</returns>
    public abstract RqlError? Test(RqlOperator @operator, IReadOnlyList<RqlValue> values, ParameterExpression row, out Expression test);

    internal static Expression In(LambdaExpression property, ParameterExpression row) =>
        ReplacingExpressionVisitor.Replace(property.Parameters[0], row, property.Body);
}

/// <summary>Creates parts of tests.</summary>
internal static class RqlExpressions
{
    public static readonly Expression Always = Expression.Constant(true), Never = Expression.Constant(false);

    /// <summary>Creates a database parameter, so that the value is never part of the query text.</summary>
    public static Expression Parameter<TValue>(TValue value) => Expression.Property(Expression.Constant(new Held<TValue>(value)), nameof(Held<TValue>.Value));

    public static Expression IsNull(Expression value) => CanBeNull(value) ? Expression.Equal(value, Expression.Constant(null, value.Type)) : Never;

    /// <summary>Makes the test false instead of unknown if the value is null, so that its negation is true.</summary>
    public static Expression Known(Expression value, Expression test) =>
        CanBeNull(value) ? Expression.AndAlso(Expression.NotEqual(value, Expression.Constant(null, value.Type)), test) : test;

    /// <summary>Joins the parts pairwise, so that hundreds of parts don't nest hundreds of levels deep.</summary>
    public static Expression Join(IReadOnlyList<Expression> parts, bool any) => parts switch
    {
        [] => any ? Never : Always,
        [var only] => only,
        _ when any => Expression.OrElse(Half(parts, any, first: true), Half(parts, any, first: false)),
        _ => Expression.AndAlso(Half(parts, any, first: true), Half(parts, any, first: false)),
    };

    private static Expression Half(IReadOnlyList<Expression> parts, bool any, bool first)
    {
        var middle = parts.Count / 2;
        return Join([.. first ? parts.Take(middle) : parts.Skip(middle)], any);
    }

    /// <summary>Whether the value can be null. A required column whose value is only declared nullable can't.</summary>
    public static bool CanBeNull(Expression value) =>
        value is UnaryExpression { NodeType: ExpressionType.Convert } converted
            ? CanBeNull(converted.Operand)
            : !value.Type.IsValueType || Nullable.GetUnderlyingType(value.Type) is not null;

    private sealed record Held<TValue>(TValue Value);
}
