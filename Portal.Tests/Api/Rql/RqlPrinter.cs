using Portal.Api.Rql;

namespace Portal.Tests.Api.Rql;

/// <summary>Writes a filter as a client might, in one of the forms that the language has for it.</summary>
/// <param name="style">Determines the forms: the same number gives the same text.</param>
internal sealed class RqlPrinter(int style)
{
    private int _picks = style;

    public string Print(RqlNode node) => node switch
    {
        RqlNot not => $"not({Print(not.Operand)})",
        RqlLogical { IsOr: true } any => Pick(3) switch
        {
            0 => $"or({string.Join(',', any.Operands.Select(Print))})",
            1 => $"({string.Join('|', any.Operands.Select(Print))})",
            _ => $"({string.Join(';', any.Operands.Select(Print))})",
        },
        RqlLogical all => Pick(3) switch
        {
            0 => $"and({string.Join(',', all.Operands.Select(Print))})",
            1 => $"({string.Join('&', all.Operands.Select(Print))})",
            _ => $"({string.Join(',', all.Operands.Select(Print))})",
        },
        RqlComparison comparison => Print(comparison),
        _ => throw new ArgumentOutOfRangeException(nameof(node)),
    };

    private string Print(RqlComparison comparison)
    {
        var name = comparison.Operator.ToString().ToLowerInvariant();
        var value = comparison.Operator is RqlOperator.In or RqlOperator.Out
            ? $"({string.Join(',', comparison.Values.Select(Print))})"
            : Print(Assert.Single(comparison.Values));
        return Pick(3) switch
        {
            0 => $"{comparison.Property}={name}={value}",
            1 when comparison.Operator == RqlOperator.Eq => $"{comparison.Property}={value}",
            _ => $"{name}({comparison.Property},{value})",
        };
    }

    private string Print(RqlValue value)
    {
        if (value.Kind != RqlValueKind.Text)
            return value.Text;
        // In quotes, only the quote itself must be escaped; without, a client encodes everything that isn't plain.
        if (!value.Text.Contains('"') && (Pick(2) == 0 || !MayStandAlone(value.Text)))
            return $"\"{value.Text.Replace("%", "%25", StringComparison.Ordinal)}\"";
        if (!value.Text.Contains('\'') && (Pick(2) == 0 || !MayStandAlone(value.Text)))
            return $"%27{Uri.EscapeDataString(value.Text)}%27";
        return Uri.EscapeDataString(value.Text);
    }

    private static bool MayStandAlone(string text) =>
        text.Length > 0 && !char.IsWhiteSpace(text[0]) && text is not ("null()" or "empty()") && !text.Contains('\'') && !text.Contains('"');

    private int Pick(int count) => Math.Abs((_picks = (_picks * 31) + 17) / 7 % count);
}
