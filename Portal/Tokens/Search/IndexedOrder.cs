namespace Portal.Tokens.Search;

/// <summary>The orders that the index in memory knows.</summary>
public enum IndexedSort
{
    Age,
    Status,

    /// <summary>The number of individually granted modules of the catalog, with all modules last.</summary>
    Permissions,

    /// <summary>The place in <see cref="IndexedOrder.Extensions"/>.</summary>
    Extension,
}

/// <summary>An order that the index in memory knows. Equal tokens are in the order of their IDs.</summary>
public sealed record IndexedOrder(IndexedSort By, bool Descending)
{
    /// <summary>The IDs of the extensions in their order. If a token has another extension, the index doesn't have the order.</summary>
    public IReadOnlyList<string> Extensions { get; init; } = [];
}
