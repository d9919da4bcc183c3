using Portal.Data;

namespace Portal.Tokens;

/// <summary>How to restore a deleted token.</summary>
/// <param name="Name">The name, if another token has the former one by now; null: the former one.</param>
/// <param name="Activate">Whether its keys work again at once. Otherwise, it is disabled.</param>
/// <param name="Reason">Why it must be active; required then. It is in the audit log.</param>
public sealed record TokenRestoration(string? Name = null, bool Activate = false, string? Reason = null);

/// <summary>What a deletion changed. It stays in memory, because an encrypted copy of a key isn't stored longer than the key works.</summary>
/// <param name="StartsAt">When a pending token was to start; null: it wasn't pending, or a person enables it.</param>
/// <param name="Secrets">The keys that hadn't ended, and their encrypted copies.</param>
internal sealed record FormerToken(StoredStatus Status, DateTime? StartsAt, IReadOnlyList<(long Id, byte[]? Protected)> Secrets)
{
    /// <summary>Omits the copies, which must not appear in logs.</summary>
    public override string ToString() => nameof(FormerToken);
}
