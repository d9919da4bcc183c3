namespace Portal.Tokens.Reading;

/// <summary>A reason why tokens need attention. Each is a filter of the token list, and a number above it.</summary>
public enum TokenAttention
{
    /// <summary>Works now, and its newest key ends within <see cref="AttentionCounts.SoonDays"/> days.</summary>
    ExpiringSoon,

    /// <summary>Expired, but was called today or yesterday.</summary>
    ExpiredCalled,

    /// <summary>Portal refused a request with a valid key today, for whatever reason.</summary>
    RefusedToday,

    /// <summary>A retired key was used in the last <see cref="AttentionCounts.RetiredKeyDays"/> days.</summary>
    RetiredKey,

    /// <summary>Works, and was used, but not for <see cref="TokenOptions.IdleAfterDays"/> days.</summary>
    Idle,

    /// <summary>Works, was never used, and is older than <see cref="AttentionCounts.NewDays"/> days.</summary>
    NeverUsed,
}

/// <summary>How many tokens of an account need attention, without deleted ones.</summary>
public sealed record AttentionCounts(int ExpiringSoon, int ExpiredCalled, int RefusedToday, int RetiredKey, int Idle, int NeverUsed)
{
    /// <summary>The number of days before the end of a key that are called soon.</summary>
    public const int SoonDays = 7;

    /// <summary>The number of UTC days, including today, in which the use of a retired key counts.</summary>
    public const int RetiredKeyDays = 7;

    /// <summary>The number of days after its creation for which a token may be unused without needing attention.</summary>
    public const int NewDays = 7;

    public int this[TokenAttention attention] => attention switch
    {
        TokenAttention.ExpiringSoon => ExpiringSoon,
        TokenAttention.ExpiredCalled => ExpiredCalled,
        TokenAttention.RefusedToday => RefusedToday,
        TokenAttention.RetiredKey => RetiredKey,
        TokenAttention.Idle => Idle,
        TokenAttention.NeverUsed => NeverUsed,
        _ => throw new ArgumentOutOfRangeException(nameof(attention), attention, "Unknown attention."),
    };

    public bool Any => ExpiringSoon + ExpiredCalled + RefusedToday + RetiredKey + Idle + NeverUsed > 0;
}
