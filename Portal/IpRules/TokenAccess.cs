using Portal.Addresses;

namespace Portal.IpRules;

/// <summary>From where a token may be used, and from where it was used lately.</summary>
/// <param name="Own">The rules for this token, oldest first.</param>
/// <param name="ForAll">The rules for all tokens, oldest first.</param>
/// <param name="Allowed">The addresses that both allow; null: every address; empty: none.</param>
/// <param name="Seen">The addresses of the last <see cref="IpRulePreview.Days"/> days, latest first.</param>
public sealed record TokenAccess(
    IReadOnlyList<IpRuleEntry> Own, IReadOnlyList<IpRuleEntry> ForAll, IReadOnlyList<AddressRange>? Allowed, IReadOnlyList<SeenFrom> Seen)
{
    /// <summary>Whether the token has no address from which it may be used.</summary>
    public bool IsCutOff => Allowed is { Count: 0 };
}

/// <summary>An address from which tokens were used.</summary>
/// <param name="Number">See <see cref="AddressNumber"/>.</param>
/// <param name="LastSeenOn">The UTC day of the last use.</param>
/// <param name="IsAllowed">Whether the rules allow it now.</param>
public sealed record SeenFrom(UInt128 Number, DateOnly LastSeenOn, bool IsAllowed = true)
{
    public string Address => AddressNumber.ToAddress(Number).ToString();
}
