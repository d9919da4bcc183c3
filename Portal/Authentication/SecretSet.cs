namespace Portal.Authentication;

/// <summary>A set of secrets, each identified by <see cref="SentKey.IdOf"/>. Searching it takes the same time whatever it contains.</summary>
/// <remarks>
/// <para>Each value is in one of two buckets, which the value itself determines. A search compares it with all slots of both, without a branch.
/// Values must be evenly distributed, as hashes are.</para>
/// <para>Readers take no lock: a slot is written at once, a value never moves within an array, and a larger array is complete when readers get it.
/// A million values take 16 MiB.</para>
/// </remarks>
internal sealed class SecretSet
{
    private const int SlotsOfBucket = 8, FirstBuckets = 16;

    private readonly Lock _changing = new();
    private ulong[] _slots = new ulong[FirstBuckets * SlotsOfBucket];

    /// <summary>The number of values.</summary>
    public int Count { get; private set; }

    /// <summary>The number of values for which there is memory.</summary>
    internal int Slots => _slots.Length;

    /// <param name="value">Not 0.</param>
    public bool Contains(ulong value)
    {
        var slots = Volatile.Read(ref _slots);
        return Holds(FirstOf(slots, value), value) | Holds(SecondOf(slots, value), value);
    }

    /// <param name="value">Not 0.</param>
    public void Add(ulong value)
    {
        lock (_changing)
        {
            if (Contains(value))
                return;
            var slots = _slots;
            while (!TryAdd(slots, value))
                slots = Grow(slots.Length * 2);
            Volatile.Write(ref _slots, slots);
            Count++;
        }
    }

    public void Remove(ulong value)
    {
        lock (_changing)
            if (TryReplace(FirstOf(_slots, value), value, 0) || TryReplace(SecondOf(_slots, value), value, 0))
                Count--;
    }

    /// <summary>Compares with every slot: the operators evaluate both sides.</summary>
    private static bool Holds(ReadOnlySpan<ulong> bucket, ulong value) =>
        (bucket[7] == value) | (bucket[6] == value) | (bucket[5] == value) | (bucket[4] == value)
        | (bucket[3] == value) | (bucket[2] == value) | (bucket[1] == value) | (bucket[0] == value);

    private static Span<ulong> FirstOf(ulong[] slots, ulong value) => BucketOf(slots, (uint)value);

    private static Span<ulong> SecondOf(ulong[] slots, ulong value) => BucketOf(slots, (uint)(value >> 32));

    private static Span<ulong> BucketOf(ulong[] slots, uint number) =>
        slots.AsSpan((int)(number * SlotsOfBucket & (uint)(slots.Length - 1)), SlotsOfBucket);

    /// <summary>Adds the value to the emptier bucket, so that both are full only if most of the array is.</summary>
    private static bool TryAdd(ulong[] slots, ulong value)
    {
        var first = FirstOf(slots, value);
        var second = SecondOf(slots, value);
        return TryReplace(first.Count(0UL) >= second.Count(0UL) ? first : second, 0, value);
    }

    private static bool TryReplace(Span<ulong> bucket, ulong value, ulong replacement)
    {
        var slot = bucket.IndexOf(value);
        if (slot < 0)
            return false;
        Volatile.Write(ref bucket[slot], replacement);
        return true;
    }

    private ulong[] Grow(int length)
    {
        while (true)
        {
            var larger = new ulong[length];
            if (Array.TrueForAll(_slots, value => value == 0 || TryAdd(larger, value)))
                return larger;
            length *= 2;
        }
    }
}
