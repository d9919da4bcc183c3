namespace Portal.Policies;

/// <summary>The existing tokens that a policy would leave outside. Saving it doesn't change them, except that idle tokens are disabled in time.</summary>
/// <param name="Policy">The rules that would apply.</param>
/// <param name="FullExtensions">The IDs of extensions that already have more tokens than allowed. No more can be created.</param>
/// <param name="FullOwners">The number of owners who already have more tokens than allowed.</param>
public sealed record PolicyPreview(EffectivePolicy Policy, IReadOnlyList<PolicyBreach> Breaches, IReadOnlyList<string> FullExtensions, int FullOwners)
{
    /// <summary>Whether the policy leaves nothing outside.</summary>
    public bool IsEmpty => Breaches.Count == 0 && FullExtensions.Count == 0 && FullOwners == 0;
}

/// <summary>The tokens that break a rule.</summary>
/// <param name="TokenIds">At most one more than <see cref="Most"/>.</param>
public sealed record PolicyBreach(PolicyRule Rule, string Sentence, IReadOnlyList<long> TokenIds)
{
    /// <summary>The maximum number of tokens that are listed, and fixed at once.</summary>
    public const int Most = 10_000;

    public int Count => Math.Min(TokenIds.Count, Most);

    /// <summary>Whether there are more than <see cref="Most"/>.</summary>
    public bool IsCut => TokenIds.Count > Most;
}

/// <summary>A token that breaks a rule.</summary>
public sealed record BreachingToken(string Handle, string Name, string ExtensionName, DateTime? ExpiresAt, DateTime? LastUsedAt);
