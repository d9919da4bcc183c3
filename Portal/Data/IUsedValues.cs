using System.Collections.Concurrent;

namespace Portal.Data;

/// <summary>Remembers values that may be used once, such as the answer to a challenge, for as long as they could be used again.</summary>
public interface IUsedValues
{
    /// <summary>Whether all nodes remember the same values.</summary>
    bool IsShared { get; }

    /// <summary>Marks a value as used.</summary>
    /// <param name="kind">Separates values of one use from those of another.</param>
    /// <param name="value">At most 255 characters.</param>
    /// <param name="until">The value may be forgotten after this time, in UTC.</param>
    /// <returns>False: it was used before, or too many values are remembered.</returns>
    bool TryUse(string kind, string value, DateTime until);
}

/// <summary>Remembers the values in memory, for a single node.</summary>
internal sealed class MemoryUsedValues(TimeProvider clock) : IUsedValues
{
    private const int MostRemembered = 100_000;

    private readonly ConcurrentDictionary<(string Kind, string Value), DateTime> _used = new();

    public bool IsShared => false;

    public bool TryUse(string kind, string value, DateTime until)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        foreach (var (used, end) in _used)
            if (end < now)
                _used.TryRemove(used, out _);
        return _used.Count < MostRemembered && _used.TryAdd((kind, value), until);
    }
}
