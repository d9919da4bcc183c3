namespace Portal.Tokens.Search;

/// <summary>What the index knows of tokens from other tables: granted modules of the catalog and fingerprints.</summary>
/// <remarks>IDs are close to each other if all tokens are read, and few if some are.</remarks>
internal sealed class TokenExtras
{
    private const int TokensPerPart = 1024;

    private readonly Dictionary<long, Part> _parts = [];

    /// <summary>There are 65,536 different fingerprints at most.</summary>
    private readonly Dictionary<string, string> _fingerprints = new(StringComparer.Ordinal);

    /// <param name="module">The index of the module in the catalog.</param>
    public void AddModule(long tokenId, int module) => PartOf(tokenId).Modules[tokenId % TokensPerPart] |= UInt128.One << module;

    public void AddFingerprint(long tokenId, string fingerprint)
    {
        if (!_fingerprints.TryGetValue(fingerprint, out var known))
            _fingerprints.Add(fingerprint, known = fingerprint);
        ref var of = ref PartOf(tokenId).Fingerprints[tokenId % TokensPerPart];
        of = of is null ? [known] : [.. of, known];
    }

    /// <summary>A bit for each module.</summary>
    public UInt128 ModulesOf(long tokenId) => _parts.TryGetValue(tokenId / TokensPerPart, out var part) ? part.Modules[tokenId % TokensPerPart] : UInt128.Zero;

    public IReadOnlyList<string> FingerprintsOf(long tokenId) =>
        _parts.TryGetValue(tokenId / TokensPerPart, out var part) ? part.Fingerprints[tokenId % TokensPerPart] ?? [] : [];

    private Part PartOf(long tokenId)
    {
        if (!_parts.TryGetValue(tokenId / TokensPerPart, out var part))
            _parts.Add(tokenId / TokensPerPart, part = new Part());
        return part;
    }

    private sealed class Part
    {
        public UInt128[] Modules { get; } = new UInt128[TokensPerPart];

        public string[]?[] Fingerprints { get; } = new string[]?[TokensPerPart];
    }
}
