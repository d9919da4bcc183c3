using System.Linq.Expressions;
using Portal.Data;
using static Portal.Api.Rql.RqlExpressions;

namespace Portal.Api.Rql;

/// <summary>Creates tests of a text.</summary>
/// <param name="Value">The text, which may be null.</param>
/// <param name="Upper">The text in upper case, if it is stored; null: it is computed.</param>
/// <param name="UpperSearchText">A stored text that contains it in upper case. To search there first is much cheaper
/// than to compute the upper case of every row; null: none.</param>
/// <param name="IsIndexed">Whether the database finds a prefix by an index. Not for rows in memory, where text sorts
/// differently.</param>
/// <param name="Allowed">The allowed values; null: any.</param>
internal sealed record RqlTextTest(
    Expression Value, Expression? Upper = null, Expression? UpperSearchText = null, bool IsIndexed = false, IReadOnlyList<string>? Allowed = null)
{
    /// <returns>The error in the values; null: valid.</returns>
    public RqlError? Build(RqlOperator @operator, IReadOnlyList<RqlValue> values, out Expression test)
    {
        if (@operator is RqlOperator.Like or RqlOperator.ILike)
            return BuildLike(values[0], ignoreCase: @operator == RqlOperator.ILike, out test);
        test = Never;
        if (values.FirstOrDefault(value => !IsAllowed(value)) is { } other)
            return new RqlError(other.Position, $"{RqlParser.Quote(other.Text)} is none of its values: {string.Join(", ", Allowed!)}.");
        List<Expression> parts = [];
        var wanted = values
            .Where(value => value.Kind != RqlValueKind.Null)
            .Select(value => value.Kind == RqlValueKind.Empty ? "" : value.Text)
            .Distinct()
            .ToList();
        if (wanted is [var single])
            parts.Add(Is(Value, single));
        else if (wanted.Count > 1)
            parts.Add(Known(Value, IsIn(Value, wanted)));
        if (values.Any(value => value.Kind == RqlValueKind.Null))
            parts.Add(IsNull(Value));
        test = Join(parts, any: true);
        return null;
    }

    private RqlError? BuildLike(RqlValue value, bool ignoreCase, out Expression test)
    {
        test = Never;
        if (RqlPattern.Parse(value.Text, out var pattern) is { } fault)
            return new RqlError(value.Position, fault);
        if (ignoreCase)
            pattern = pattern.ToUpper();
        var text = !ignoreCase ? Value : Upper ?? Expression.Call(typeof(DatabaseText), nameof(DatabaseText.Upper), null, Value);
        test = pattern.MatchesAll ? Known(Value, Always)
            : pattern.Exact is { } exact ? Known(Value, Is(text, exact))
            : pattern.Prefix is { } prefix && IsIndexed && text is not MethodCallExpression ? Known(Value, BeginsWith(text, prefix))
            : Known(Value, MatchesPattern(pattern.ToForm(), text));
        if (ignoreCase && UpperSearchText is not null && !pattern.MatchesAll)
            test = Narrow(pattern, UpperSearchText, test);
        return null;
    }

    /// <summary>Adds a cheap check to a pattern test that ignores case: a match must occur in the stored text in upper case.</summary>
    /// <param name="pattern">A pattern that <see cref="RqlPattern.Parse"/> accepts.</param>
    public static Expression Narrow(string pattern, Expression upperWithin, Expression test) =>
        RqlPattern.Parse(pattern, out var parsed) is null ? Narrow(parsed.ToUpper(), upperWithin, test) : test;

    private static BinaryExpression Narrow(RqlPattern pattern, Expression upperWithin, Expression test) =>
        Expression.AndAlso(MatchesPattern($"*{pattern.ToForm().Trim('*')}*", upperWithin), test);

    private static MethodCallExpression MatchesPattern(string form, Expression text) =>
        Expression.Call(typeof(DatabaseText), nameof(DatabaseText.MatchesPattern), null, Parameter(form), text);

    private bool IsAllowed(RqlValue value) => Allowed is null || value.Kind == RqlValueKind.Null || (value.Kind == RqlValueKind.Text && Allowed.Contains(value.Text));

    private static MethodCallExpression IsIn(Expression text, IEnumerable<string> wanted) =>
        Expression.Call(typeof(Enumerable), nameof(Enumerable.Contains), [typeof(string)], Parameter(wanted), text);

    private static BinaryExpression Is(Expression text, string wanted) => Expression.Equal(text, Parameter(wanted));

    private static BinaryExpression BeginsWith(Expression text, string prefix)
    {
        var from = Expression.GreaterThanOrEqual(Compare(text, prefix), Expression.Constant(0));
        return DatabaseText.EndOfPrefix(prefix) is { } end ? Expression.AndAlso(from, Expression.LessThan(Compare(text, end), Expression.Constant(0))) : from;
    }

    private static MethodCallExpression Compare(Expression text, string other) =>
        Expression.Call(typeof(string), nameof(string.Compare), null, text, Parameter(other));
}
