using Portal.Tokens.Reading;

namespace Portal.Tokens.Bulk;

/// <summary>The tokens that someone selected for a bulk action: a list of handles, or all tokens that a query finds.</summary>
public sealed record BulkSelection
{
    /// <summary>The maximum number of tokens in one bulk action.</summary>
    public const int Most = 10_000;

    private BulkSelection(IReadOnlyCollection<string>? handles, TokenQuery? query, int count) => (Handles, Query, Count) = (handles, query, count);

    /// <summary>The selected handles; null: the selection is a query.</summary>
    public IReadOnlyCollection<string>? Handles { get; }

    /// <summary>The query, whose page is ignored; null: the selection is a list of handles.</summary>
    public TokenQuery? Query { get; }

    /// <summary>The number of tokens at the time of the selection.</summary>
    public int Count { get; }

    /// <summary>Selects tokens by their handles.</summary>
    public static BulkSelection Of(IEnumerable<string> handles)
    {
        var distinct = handles.ToHashSet(StringComparer.Ordinal);
        return new BulkSelection(distinct, null, distinct.Count);
    }

    /// <summary>Selects all tokens that match a query.</summary>
    /// <param name="count">The number of results that the person saw.</param>
    public static BulkSelection AllOf(TokenQuery query, int count) => new(null, query, count);
}
