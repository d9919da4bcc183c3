namespace Portal.Tokens;

/// <summary>Which versions of a token a change may be made to. The service checks it against the version that the change replaces, so
/// nothing can come between the check and the change.</summary>
/// <param name="OnlyFor">The versions it may be made to; null: any.</param>
/// <param name="ExceptFor">The versions it may not be made to.</param>
/// <param name="OnlyIfAbsent">It may be made to no token that exists.</param>
public sealed record VersionCondition(IReadOnlySet<Guid>? OnlyFor, IReadOnlySet<Guid> ExceptFor, bool OnlyIfAbsent)
{
    /// <summary>Whether it allows a change to a token that has this version.</summary>
    public bool Allows(Guid version) => !OnlyIfAbsent && OnlyFor?.Contains(version) != false && !ExceptFor.Contains(version);
}
