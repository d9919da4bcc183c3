using Microsoft.Extensions.Options;

namespace Portal.Data.Nodes;

/// <summary>Measures how long the nodes haven't renewed their leases, by the timer of this process: no clock of another machine matters.</summary>
internal sealed class NodeWatch(IOptions<NodeOptions> options, TimeProvider clock) : INodeCount
{
    private readonly Lock _lock = new();
    private Dictionary<Guid, (long Renewal, long SeenAt)> _seen = [];
    private volatile int _live = 1, _servingKeys = 1;
    private long _answeredAt = long.MaxValue;

    /// <inheritdoc/>
    public int Live => _live;

    /// <inheritdoc/>
    public int ServingKeys => _servingKeys;

    /// <summary>Whether the database hasn't answered the follower for longer than a lease. Without a follower, nobody asks it all the time.</summary>
    public bool IsDatabaseSilent => Volatile.Read(ref _answeredAt) is var at && at != long.MaxValue && clock.GetElapsedTime(at) >= options.Value.LongestWait;

    /// <summary>Records that the database has answered, and that the follower will ask it again soon.</summary>
    public void Answered() => Volatile.Write(ref _answeredAt, clock.GetTimestamp());

    /// <summary>Records that the follower won't ask any more.</summary>
    public void StopAsking() => Volatile.Write(ref _answeredAt, long.MaxValue);

    /// <summary>Records an answer of <see cref="INodeStore.ReadNodesAsync"/>. Call it after the answer has arrived: a lease can't have begun later
    /// than that.</summary>
    /// <returns>The nodes whose lease has ended, with the renewal since which they have been silent.</returns>
    public IReadOnlyList<NodeRow> Observe(NodesRead read)
    {
        var now = clock.GetTimestamp();
        var silent = new List<NodeRow>();
        lock (_lock)
        {
            var seen = new Dictionary<Guid, (long Renewal, long SeenAt)>(read.Live.Count);
            foreach (var node in read.Live)
            {
                var since = _seen.TryGetValue(node.Id, out var before) && before.Renewal == node.Renewal ? before.SeenAt : now;
                seen.Add(node.Id, (node.Renewal, since));
                if (clock.GetElapsedTime(since, now) >= options.Value.Silence)
                    silent.Add(node);
            }

            _seen = seen;
            _live = Math.Max(1, read.Live.Count - silent.Count);
            _servingKeys = Math.Max(1, read.Live.Count(node => node.ServesKeys) - silent.Count(node => node.ServesKeys));
        }

        return silent;
    }

    /// <summary>The time since the node was first seen with this renewal; zero if it has renewed its lease since.</summary>
    public TimeSpan SilenceOf(NodeRow node)
    {
        lock (_lock)
            return _seen.TryGetValue(node.Id, out var seen) && seen.Renewal == node.Renewal ? clock.GetElapsedTime(seen.SeenAt) : TimeSpan.Zero;
    }
}
