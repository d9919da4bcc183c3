using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Portal.Api.Rql;

namespace Portal.Tests.Api.Rql;

/// <summary>A reference implementation of filters, as simple as possible: the values of a row, and a test on each.</summary>
internal static class RqlReference
{
    /// <param name="valuesOf">The values of a property by its name: texts or times; empty where it is null.</param>
    public static bool Holds(RqlNode node, Func<string, IReadOnlyList<object>> valuesOf) => node switch
    {
        RqlNot not => !Holds(not.Operand, valuesOf),
        RqlLogical { IsOr: true } any => any.Operands.Any(part => Holds(part, valuesOf)),
        RqlLogical all => all.Operands.All(part => Holds(part, valuesOf)),
        RqlComparison comparison => Holds(comparison, valuesOf(comparison.Property)),
        _ => throw new ArgumentOutOfRangeException(nameof(node)),
    };

    /// <summary>Compares by code point, as the database does; null comes last.</summary>
    public static int Compare(object? left, object? right) => (left, right) switch
    {
        (null, null) => 0,
        (null, _) => 1,
        (_, null) => -1,
        (string one, string other) => Encoding.UTF8.GetBytes(one).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(other)),
        _ => ((DateTime)left).CompareTo((DateTime)right),
    };

    public static bool IsLike(string text, string pattern, bool ignoreCase)
    {
        // A letter cannot follow the mark, so that no text holds it.
        var form = Regex.Replace(pattern, @"\\([\\*])|\*|([^*\\]|\\(?![\\*]))", match =>
            match.Groups[1].Success ? Regex.Escape(match.Groups[1].Value) : match.Value == "*" ? ".*" : Regex.Escape(match.Value), RegexOptions.Singleline);
        return ignoreCase
            ? Regex.IsMatch(text.ToUpperInvariant(), Upper(pattern), RegexOptions.Singleline)
            : Regex.IsMatch(text, $@"\A(?:{form})\z", RegexOptions.Singleline);

        static string Upper(string pattern) => $@"\A(?:{Regex.Replace(pattern.ToUpperInvariant(), @"\\([\\*])|\*|([^*\\]|\\(?![\\*]))", match =>
            match.Groups[1].Success ? Regex.Escape(match.Groups[1].Value) : match.Value == "*" ? ".*" : Regex.Escape(match.Value), RegexOptions.Singleline)})\z";
    }

    private static bool Holds(RqlComparison comparison, IReadOnlyList<object> values)
    {
        var wanted = comparison.Values;
        return comparison.Operator switch
        {
            RqlOperator.Eq or RqlOperator.In => wanted.Any(value => Equals(values, value)),
            RqlOperator.Ne or RqlOperator.Out => wanted.All(value => !Equals(values, value)),
            RqlOperator.Like => values.Any(value => IsLike((string)value, wanted[0].Text, ignoreCase: false)),
            RqlOperator.ILike => values.Any(value => IsLike((string)value, wanted[0].Text, ignoreCase: true)),
            RqlOperator.Lt => values.Any(value => (DateTime)value < Moment(wanted[0].Text)),
            RqlOperator.Le => values.Any(value => (DateTime)value <= Moment(wanted[0].Text)),
            RqlOperator.Gt => values.Any(value => (DateTime)value > Moment(wanted[0].Text)),
            RqlOperator.Ge => values.Any(value => (DateTime)value >= Moment(wanted[0].Text)),
            _ => throw new ArgumentOutOfRangeException(nameof(comparison)),
        };
    }

    private static bool Equals(IReadOnlyList<object> values, RqlValue wanted) => wanted.Kind switch
    {
        RqlValueKind.Null => values.Count == 0,
        RqlValueKind.Empty => values.Contains(""),
        _ => values.Any(value => value is DateTime moment ? moment == Moment(wanted.Text) : (string)value == wanted.Text),
    };

    private static DateTime Moment(string text) => DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal);
}
