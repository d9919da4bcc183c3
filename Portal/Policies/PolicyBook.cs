using Portal.Data;

namespace Portal.Policies;

/// <summary>The policies of an account at one time.</summary>
public sealed class PolicyBook
{
    public static readonly PolicyBook Empty = new([]);

    private readonly IReadOnlyCollection<TokenPolicy> _stored;

    internal PolicyBook(IReadOnlyCollection<TokenPolicy> stored) => _stored = stored;

    /// <summary>The rules for the tokens of an extension.</summary>
    public EffectivePolicy Of(string extensionId) => _stored.Count == 0 ? EffectivePolicy.None : PolicyStore.Combine(_stored, extensionId);
}
