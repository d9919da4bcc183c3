using System.Globalization;
using System.Linq.Expressions;
using System.Text.RegularExpressions;
using static Portal.Api.Rql.RqlExpressions;

namespace Portal.Api.Rql;

/// <summary>A text property.</summary>
internal sealed class RqlTextColumn<T>(
    string name, RqlLookups lookups, Expression<Func<T, string?>> value, RqlStored<T> stored, bool ordered, IReadOnlyList<string>? allowed)
    : RqlProperty<T>(name, lookups)
{
    public override bool IsText => allowed is null;
    public override IReadOnlyList<string>? Allowed => allowed;
    public override Expression<Func<T, string?>>? UpperSearchText => stored.UpperSearchText;

    public override Func<IQueryable<T>, bool, IOrderedQueryable<T>>? Order => ordered ? (rows, descending) => RqlOrder.By(rows, value, descending) : null;

    /// <summary>Creates a test for one of the allowed texts; null: compares the value.</summary>
    public Func<string, Expression<Func<T, bool>>>? Equal { get; init; }

    public override RqlError? Test(RqlOperator @operator, IReadOnlyList<RqlValue> values, ParameterExpression row, out Expression test)
    {
        var error = new RqlTextTest(
            In(value, row),
            stored.Upper is { } upper ? In(upper, row) : null,
            stored.UpperSearchText is { } within ? In(within, row) : null,
            stored.IsIndexed,
            allowed)
        .Build(@operator, values, out test);
        if (error is null && Equal is not null && @operator == RqlOperator.Eq && values.All(value => value.Kind == RqlValueKind.Text))
            test = Join([.. values.Select(value => value.Text).Distinct().Select(text => In(Equal(text), row))], any: true);
        return error;
    }
}

/// <summary>A property with several texts. A comparison is true if it is true for one of them; its negation, if it is true for none.</summary>
/// <param name="exists">Whether the row has a text that passes the test.</param>
internal sealed class RqlTextList<T>(string name, RqlLookups lookups, Func<Func<string, bool>, Expression<Func<T, bool>>> exists)
    : RqlProperty<T>(name, lookups)
{
    public override bool IsText => true;

    public override RqlError? Test(RqlOperator @operator, IReadOnlyList<RqlValue> values, ParameterExpression row, out Expression test)
    {
        var element = Expression.Parameter(typeof(string), "element");
        var given = values.Where(value => value.Kind != RqlValueKind.Null).ToList();
        List<Expression> parts = [];
        test = Never;
        if (given.Count > 0)
        {
            if (new RqlTextTest(element).Build(@operator, given, out var passes) is { } error)
                return error;
            parts.Add(In(exists(Expression.Lambda<Func<string, bool>>(passes, element).Compile(preferInterpretation: true)), row));
        }

        if (given.Count < values.Count)
            parts.Add(Expression.Not(In(exists(_ => true), row)));
        test = Join(parts, any: true);
        return null;
    }
}

/// <summary>A property whose values are ordered or Boolean.</summary>
/// <param name="parse">Parses a value; null: invalid.</param>
/// <param name="expected">The format of a value, as part of a sentence.</param>
internal sealed class RqlColumn<T, TValue>(
    string name, RqlLookups lookups, Expression<Func<T, TValue?>> value, Func<string, TValue?> parse, string expected, bool ordered) : RqlProperty<T>(name, lookups)
    where TValue : struct
{
    public override Type ValueType => typeof(TValue);

    public override Func<IQueryable<T>, bool, IOrderedQueryable<T>>? Order => ordered ? (rows, descending) => RqlOrder.By(rows, value, descending) : null;

    public override RqlError? Test(RqlOperator @operator, IReadOnlyList<RqlValue> values, ParameterExpression row, out Expression test)
    {
        var property = In(value, row);
        List<Expression> parts = [];
        test = Never;
        foreach (var given in values)
        {
            if (given.Kind == RqlValueKind.Null)
                parts.Add(IsNull(property));
            else if (parse(given.Text) is { } wanted)
                parts.Add(Known(property, Expression.MakeBinary(NodeOf(@operator), property, Parameter<TValue?>(wanted))));
            else
                return new RqlError(given.Position, $"{RqlParser.Quote(given.Text)} is no value of {Name}: {expected}");
        }

        test = Join(parts, any: true);
        return null;
    }

    private static ExpressionType NodeOf(RqlOperator @operator) => @operator switch
    {
        RqlOperator.Lt => ExpressionType.LessThan,
        RqlOperator.Le => ExpressionType.LessThanOrEqual,
        RqlOperator.Gt => ExpressionType.GreaterThan,
        RqlOperator.Ge => ExpressionType.GreaterThanOrEqual,
        _ => ExpressionType.Equal,
    };
}

/// <summary>Parses values in queries.</summary>
internal static partial class RqlValues
{
    public const string MomentForm = "write a date or a moment, such as 2030-01-15 or 2030-01-15T12:00:00Z; without an offset it is in UTC.";
    public const string NumberForm = "write a whole number.";
    public const string FlagForm = "write true or false.";

    private const int MostFractionDigits = 7;

    /// <summary>Parses an ISO 8601 time as many languages write it: with up to twelve fractional digits of a second, of which seven are used, and
    /// with the offset <c>Z</c>, <c>+01:00</c>, <c>+0100</c> or <c>+01</c>.</summary>
    /// <returns>UTC.</returns>
    public static DateTime? Moment(string text)
    {
        var parts = WrittenMoment().Match(text).Groups;
        if (!parts[0].Success)
            return null;
        var (time, seconds, fraction) = (parts[2].Value, parts[3].Value, parts[4].Value);
        var written = $"{parts[1].Value}T{(time.Length > 0 ? time : "00:00")}:{(seconds.Length > 0 ? seconds : "00")}"
            + $".{(fraction.Length > MostFractionDigits ? fraction[..MostFractionDigits] : fraction.PadRight(1, '0'))}{ZoneOf(parts[5].Value)}";
        return DateTimeOffset.TryParseExact(
            written, "yyyy-MM-ddTHH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var moment)
            ? moment.UtcDateTime
            : null;
    }

    public static long? Number(string text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    public static bool? Flag(string text) => text switch { "true" => true, "false" => false, _ => null };

    private static string ZoneOf(string offset) =>
        offset is [var sign and ('+' or '-'), .. var digits] ? $"{sign}{digits[..2]}:{(digits.Length > 2 ? digits[^2..] : "00")}" : "Z";

    [GeneratedRegex("^([0-9]{4}-[0-9]{2}-[0-9]{2})"
        + "(?:[Tt ]([0-9]{2}:[0-9]{2})(?::([0-9]{2})(?:\\.([0-9]{1,12}))?)?([Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?)?\\z")]
    private static partial Regex WrittenMoment();
}

/// <summary>Sorts by times or numbers. Missing values are last, or first if descending.</summary>
internal static class RqlOrder
{
    public static IOrderedQueryable<T> By<T, TKey>(IQueryable<T> rows, Expression<Func<T, TKey>> key, bool descending)
    {
        if (key.ReturnType == typeof(string) || !CanBeNull(key.Body))
            return Next(rows, key, descending);
        return Next(Next(rows, Expression.Lambda<Func<T, bool>>(IsNull(key.Body), key.Parameters), descending), key, descending);
    }

    private static IOrderedQueryable<T> Next<T, TKey>(IQueryable<T> rows, Expression<Func<T, TKey>> key, bool descending) =>
        rows is IOrderedQueryable<T> ordered && IsOrdered(rows.Expression)
            ? descending ? ordered.ThenByDescending(key) : ordered.ThenBy(key)
            : descending ? rows.OrderByDescending(key) : rows.OrderBy(key);

    private static bool IsOrdered(Expression rows) =>
        rows is MethodCallExpression { Method: { Name: "OrderBy" or "OrderByDescending" or "ThenBy" or "ThenByDescending" } method }
        && method.DeclaringType == typeof(Queryable);
}
