using System.Globalization;
using System.Text;

namespace Portal.Api.Rql;

/// <summary>Formats a filter as a canonical text, which doesn't depend on its position in the query or on its notation.</summary>
internal static class RqlKey
{
    /// <param name="filter">The filter; null: none.</param>
    public static string Of(RqlNode? filter)
    {
        var text = new StringBuilder();
        Write(text, filter);
        return text.ToString();
    }

    private static void Write(StringBuilder text, RqlNode? node)
    {
        switch (node)
        {
            case RqlComparison comparison:
                text.Append(comparison.Property).Append(' ').Append(comparison.Operator);
                foreach (var value in comparison.Values)
                    // The length makes the text unambiguous.
                    text.Append(' ').Append(value.Kind).Append(CultureInfo.InvariantCulture, $"{value.Text.Length}:").Append(value.Text);
                break;
            case RqlLogical logical:
                text.Append(logical.IsOr ? "or(" : "and(");
                foreach (var part in logical.Operands)
                {
                    Write(text, part);
                    text.Append(',');
                }

                text.Append(')');
                break;
            case RqlNot not:
                text.Append("not(");
                Write(text, not.Operand);
                text.Append(')');
                break;
        }
    }
}
