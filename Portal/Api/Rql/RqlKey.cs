using System.Globalization;
using System.Text;

namespace Portal.Api.Rql;

/// <summary>A filter as a text that is the same for the same filter, wherever it stands in a query and however it is written there.</summary>
internal static class RqlKey
{
    /// <param name="filter">Null: everything.</param>
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
                    // With its length, so that no text can look like more than one.
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
