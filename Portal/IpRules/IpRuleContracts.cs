using Portal.Addresses;

namespace Portal.IpRules;

/// <summary>A rule that someone wants to add.</summary>
/// <param name="Addresses">As <see cref="AddressRangeFormat"/> reads them.</param>
/// <param name="TokenHandle">The token it is for; null or empty: all tokens of the account.</param>
public sealed record NewIpRule(string? Label, string? Addresses, string? TokenHandle = null);

/// <summary>A rule as it is shown.</summary>
/// <param name="Written">As the person wrote the addresses.</param>
/// <param name="Token">The token it is for; null: all tokens of the account.</param>
/// <param name="AddedAt">UTC.</param>
public sealed record IpRuleEntry(long Id, string? Label, string Written, AddressRange Range, IpRuleToken? Token, DateTime AddedAt, string AddedByName);

public sealed record IpRuleToken(string Handle, string Name);

/// <summary>A field of a new rule, for faults to point at.</summary>
public enum IpRuleField
{
    Label,
    Addresses,
    Token,
}

/// <summary>What is wrong with a field, in a sentence for whoever filled it in.</summary>
public sealed record IpRuleError(IpRuleField Field, string Message);

/// <summary>How a change of rules ended.</summary>
public abstract record IpRuleOutcome
{
    private IpRuleOutcome()
    {
    }

    /// <summary>It is durable and in force for every request that begins now.</summary>
    public sealed record Done(long Id) : IpRuleOutcome;

    /// <summary>Nothing was changed.</summary>
    public sealed record Invalid(IReadOnlyList<IpRuleError> Faults) : IpRuleOutcome;

    /// <summary>The rule is not there, or not any more.</summary>
    public sealed record NotFound : IpRuleOutcome;
}

/// <summary>What a change of rules would do to those who use tokens now.</summary>
/// <param name="Refused">Addresses seen in the last days that are allowed now and would not be, latest first; no more than <see cref="MostListed"/>.</param>
/// <param name="RefusedCount">How many there are, of tokens and addresses.</param>
/// <param name="RefusesAsker">Whether the address of whoever asks is allowed now and would not be.</param>
/// <param name="OpensToAll">Whether it takes away the last rule of the account, or of the token, and with it every limit.</param>
public sealed record IpRulePreview(IReadOnlyList<RefusedAddress> Refused, int RefusedCount, bool RefusesAsker, bool OpensToAll)
{
    public const int MostListed = 20;

    /// <summary>How many days count, today included.</summary>
    public const int Days = 30;

    /// <summary>Whether there is nothing to warn of.</summary>
    public bool IsHarmless => RefusedCount == 0 && !RefusesAsker && !OpensToAll;
}

/// <param name="LastSeenOn">The UTC day.</param>
public sealed record RefusedAddress(string Address, IpRuleToken Token, DateOnly LastSeenOn);
