namespace Portal.Api.Rql;

/// <summary>Checks whether properties support comparisons.</summary>
internal static class RqlComparable
{
    /// <returns>The error; null: supported.</returns>
    public static RqlError? Check<T>(RqlProperty<T> property, RqlComparison comparison)
    {
        var (@operator, values) = (comparison.Operator, comparison.Values);
        var name = @operator.ToString().ToLowerInvariant();
        if (!property.Lookups.HasFlag(LookupOf(@operator)))
            return new RqlError(comparison.Position, $"{property.Name} can't be compared with {name}. Use one of {string.Join(", ", NamesOf(property.Lookups & ~RqlLookups.Null))}.");
        if (values.FirstOrDefault(value => value.Kind != RqlValueKind.Text) is not { } constant)
            return null;
        return LookupOf(@operator) is not (RqlLookups.Equal or RqlLookups.List)
            ? new RqlError(constant.Position, $"{constant.Text} can only be compared with eq, ne, in and out.")
            : values.FirstOrDefault(value => value.Kind == RqlValueKind.Null) is { } nothing && !property.Lookups.HasFlag(RqlLookups.Null)
                ? new RqlError(nothing.Position, $"{property.Name} can't be compared with null().")
                : values.FirstOrDefault(value => value.Kind == RqlValueKind.Empty) is { } empty && !property.IsText
                    ? new RqlError(empty.Position, $"{property.Name} can't be compared with empty().")
                    : null;
    }

    /// <summary>The operator names as clients write them.</summary>
    public static IReadOnlyList<string> NamesOf(RqlLookups lookups) =>
    [
        .. Enum.GetValues<RqlOperator>().Where(@operator => lookups.HasFlag(LookupOf(@operator))).Select(@operator => @operator.ToString().ToLowerInvariant()),
        .. lookups.HasFlag(RqlLookups.Null) ? (string[])["null"] : [],
    ];

    private static RqlLookups LookupOf(RqlOperator @operator) => @operator switch
    {
        RqlOperator.Eq or RqlOperator.Ne => RqlLookups.Equal,
        RqlOperator.In or RqlOperator.Out => RqlLookups.List,
        RqlOperator.Like or RqlOperator.ILike => RqlLookups.Like,
        _ => RqlLookups.Range,
    };
}
