using Portal.Addresses;

namespace Portal.IpRules;

/// <summary>The input for adding a rule.</summary>
/// <param name="Addresses">The addresses, in the format of <see cref="AddressRangeFormat"/>.</param>
/// <param name="TokenHandle">The token to which it applies, also without dashes; null or empty: all tokens of the account.</param>
public sealed record NewIpRule(string? Label, string? Addresses, string? TokenHandle = null);

/// <summary>A rule in the list.</summary>
/// <param name="Written">The addresses as the user entered them.</param>
/// <param name="Token">The token to which it applies; null: all tokens of the account.</param>
/// <param name="AddedAt">UTC.</param>
public sealed record IpRuleEntry(long Id, string? Label, string Written, AddressRange Range, IpRuleToken? Token, DateTime AddedAt, string AddedByName);

public sealed record IpRuleToken(string Handle, string Name);

/// <summary>A field of a new rule, to which an error message can refer.</summary>
public enum IpRuleField
{
    Label,
    Addresses,
    Token,
}

/// <summary>A validation error of a field, with a message for the user.</summary>
public sealed record IpRuleError(IpRuleField Field, string Message);

/// <summary>The outcome of a change to the rules.</summary>
public abstract record IpRuleOutcome
{
    private IpRuleOutcome()
    {
    }

    /// <summary>The change is durable and applies to every request that starts after it.</summary>
    /// <param name="Id">The rule; of several rules that were added, the first.</param>
    public sealed record Done(long Id) : IpRuleOutcome
    {
        /// <summary>The rules that were added. To undo the change, remove them.</summary>
        public IReadOnlyList<long> Added { get; init; } = [];

        /// <summary>The rule that was removed; null: none. To undo the change, add it.</summary>
        public NewIpRule? Removed { get; init; }
    }

    /// <summary>The input is invalid. Nothing was changed.</summary>
    public sealed record Invalid(IReadOnlyList<IpRuleError> Faults) : IpRuleOutcome;

    /// <summary>The rule doesn't exist, or no longer exists.</summary>
    public sealed record NotFound : IpRuleOutcome;
}

/// <summary>The effect that a change to the rules would have on current clients.</summary>
/// <param name="Refused">Recently used addresses that are allowed now and would be refused, latest first; at most <see cref="MostListed"/>.</param>
/// <param name="RefusedCount">The total number of such pairs of token and address.</param>
/// <param name="RefusesCurrentAddress">Whether the address of the user is allowed now and would be refused.</param>
/// <param name="RemovesLastRestriction">Whether it removes the last rule of the account or of the token, and with it every restriction.</param>
public sealed record IpRulePreview(IReadOnlyList<RefusedAddress> Refused, int RefusedCount, bool RefusesCurrentAddress, bool RemovesLastRestriction)
{
    public const int MostListed = 20;

    /// <summary>The number of days that count, including today.</summary>
    public const int Days = 30;

    /// <summary>The number of tokens among <see cref="RefusedCount"/>.</summary>
    public int RefusedTokenCount { get; init; }

    /// <summary>The number of requests that the listed tokens made in <see cref="Days"/>, from any address, by handle.</summary>
    public IReadOnlyDictionary<string, long> RequestsOf { get; init; } = new Dictionary<string, long>();

    /// <summary>Whether the change needs no confirmation.</summary>
    public bool IsHarmless => RefusedCount == 0 && !RefusesCurrentAddress && !RemovesLastRestriction;
}

/// <param name="LastSeenOn">The UTC day of the last use.</param>
public sealed record RefusedAddress(string Address, IpRuleToken Token, DateOnly LastSeenOn);

/// <summary>The result of trying rules without saving them.</summary>
/// <param name="Faults">Why the rules can't be added; empty: they can be.</param>
/// <param name="Preview">Null if there are faults.</param>
public sealed record IpRuleTrial(IReadOnlyList<IpRuleError> Faults, IpRulePreview? Preview);
