namespace Portal.Tokens;

/// <summary>The versions of a token to which a change may be applied. The service checks the version that the change replaces, so
/// no other change can happen between the check and the change.</summary>
/// <param name="OnlyFor">The allowed versions; null: any.</param>
/// <param name="ExceptFor">The versions that are not allowed.</param>
/// <param name="OnlyIfAbsent">Allows no existing token.</param>
public sealed record VersionCondition(IReadOnlySet<Guid>? OnlyFor, IReadOnlySet<Guid> ExceptFor, bool OnlyIfAbsent)
{
    /// <summary>Allows only this version.</summary>
    public static VersionCondition Only(Guid version) => new(new HashSet<Guid> { version }, new HashSet<Guid>(), OnlyIfAbsent: false);

    /// <summary>Whether the condition allows a change to a token with this version.</summary>
    public bool Allows(Guid version) => !OnlyIfAbsent && OnlyFor?.Contains(version) != false && !ExceptFor.Contains(version);
}
