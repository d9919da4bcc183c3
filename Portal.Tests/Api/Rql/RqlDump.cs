using Portal.Api.Rql;

namespace Portal.Tests.Api.Rql;

/// <summary>The notation in which tests write expected queries, without positions: <c>(name eq "a" and not id in ["b", null])</c>.</summary>
internal static class RqlDump
{
    public static string Of(RqlQuery query)
    {
        List<string> parts = [];
        if (query.Filter is { } filter)
            parts.Add(Of(filter));
        if (query.Ordering.Count > 0)
            parts.Add($"order {string.Join(' ', query.Ordering.Select(name => (name.Negative ? "-" : "+") + name.Name))}");
        if (query.Select.Count > 0)
            parts.Add($"select {string.Join(' ', query.Select.Select(name => (name.Negative ? "-" : "+") + name.Name))}");
        if (query.Limit is { } limit)
            parts.Add($"limit {limit}");
        if (query.Offset is { } offset)
            parts.Add($"offset {offset}");
        parts.AddRange(query.Extras.Select(extra => $"{extra.Key} = {Of(extra.Value)}"));
        return string.Join("; ", parts);
    }

    public static string Of(RqlNode node) => node switch
    {
        RqlComparison { Operator: RqlOperator.In or RqlOperator.Out } list => $"{list.Property} {list.Operator.ToString().ToLowerInvariant()} [{string.Join(", ", list.Values.Select(Of))}]",
        RqlComparison comparison => $"{comparison.Property} {comparison.Operator.ToString().ToLowerInvariant()} {Of(Assert.Single(comparison.Values))}",
        RqlLogical logical => $"({string.Join(logical.IsOr ? " or " : " and ", logical.Operands.Select(Of))})",
        RqlNot not => $"not {Of(not.Operand)}",
        _ => throw new ArgumentOutOfRangeException(nameof(node)),
    };

    private static string Of(RqlValue value) => value.Kind switch
    {
        RqlValueKind.Null => "null",
        RqlValueKind.Empty => "empty",
        _ => $"«{value.Text}»",
    };
}
