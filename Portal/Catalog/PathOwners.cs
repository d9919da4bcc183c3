using System.Collections.Frozen;

namespace Portal.Catalog;

/// <summary>The owner of an API path: a module, any valid token, or nobody.</summary>
/// <param name="Module">The module; null: any valid token may use the path, or nobody owns it.</param>
public readonly record struct PathOwner(bool Known, Module? Module)
{
    public static readonly PathOwner Nobody = new(false, null);

    /// <summary>The matching path prefix of the catalog; empty: none.</summary>
    public string Prefix { get; init; } = "";
}

/// <summary>Finds the owner of a path without allocating: by its first segment, then by prefix.</summary>
public sealed class PathOwners
{
    private readonly FrozenDictionary<string, (string Prefix, PathOwner Owner)[]> _bySegment;
    private readonly FrozenDictionary<string, (string Prefix, PathOwner Owner)[]>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    public PathOwners(ModuleCatalog catalog)
    {
        _bySegment = catalog.Modules
            .SelectMany(module => module.Paths.Select(path => (Prefix: path, Owner: new PathOwner(true, module) { Prefix = path })))
            .Concat(catalog.AlwaysAllowed.Select(path => (Prefix: path, Owner: new PathOwner(true, null) { Prefix = path })))
            .GroupBy(entry => FirstSegment(entry.Prefix).ToString(), StringComparer.OrdinalIgnoreCase)
            .ToFrozenDictionary(group => group.Key, group => group.ToArray(), StringComparer.OrdinalIgnoreCase);
        _lookup = _bySegment.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <param name="path">The path relative to the base path, such as <c>/billing/invoices</c>. Case is ignored, as in routing.</param>
    public PathOwner Find(ReadOnlySpan<char> path)
    {
        if (path.Length > 1 && _lookup.TryGetValue(FirstSegment(path), out var entries))
            foreach (var (prefix, owner) in entries)
                if (path.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && (path.Length == prefix.Length || path[prefix.Length] == '/'))
                    return owner;
        return PathOwner.Nobody;
    }

    private static ReadOnlySpan<char> FirstSegment(ReadOnlySpan<char> path)
    {
        var rest = path[1..];
        var end = rest.IndexOf('/');
        return end < 0 ? rest : rest[..end];
    }
}
