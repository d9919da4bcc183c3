namespace Portal.Data.Nodes;

/// <summary>Says whether this process may judge requests by what it keeps in memory.</summary>
/// <remarks>A process that has the database for itself always may. Several nodes may until their lease ends, by the process's own monotonic timer: a
/// process that was stopped and resumed finds its lease ended. Check the lease first and read the memory then: in the other order, the lease
/// can be renewed in between, after the memory was read.</remarks>
public sealed class NodeLease(TimeProvider clock)
{
    private const long Always = long.MaxValue, Never = long.MinValue;

    private long _end = Always;

    /// <summary>Whether several nodes share the database.</summary>
    public bool IsShared => Volatile.Read(ref _end) != Always;

    /// <summary>Whether the memory can be trusted now. Otherwise, read the database.</summary>
    public bool IsTrusted => Volatile.Read(ref _end) is var end && (end == Always || clock.GetTimestamp() < end);

    /// <summary>The time until the lease ends; null if it doesn't end, and zero if it has ended.</summary>
    public TimeSpan? Remaining => Volatile.Read(ref _end) switch
    {
        Always => null,
        Never => TimeSpan.Zero,
        var end when clock.GetTimestamp() is var now && now < end => clock.GetElapsedTime(now, end),
        _ => TimeSpan.Zero,
    };

    /// <summary>Trusts the memory for a time.</summary>
    /// <param name="since">A timestamp from before the read of the changes.</param>
    internal void Extend(long since, TimeSpan length) => Volatile.Write(ref _end, since + (long)(length.TotalSeconds * clock.TimestampFrequency));

    /// <summary>Trusts nothing until the next call of <see cref="Extend"/>.</summary>
    internal void End() => Volatile.Write(ref _end, Never);
}
