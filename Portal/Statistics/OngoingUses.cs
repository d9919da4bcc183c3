namespace Portal.Statistics;

/// <summary>Requests that are being served and were not answered at once, as downloads and sockets are: their key is in use all the while.</summary>
public sealed class OngoingUses(TimeProvider clock)
{
    /// <summary>Shorter ones are marked as used when they end.</summary>
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(1);

    private readonly LinkedList<Request>[] _lists = [.. Enumerable.Range(0, Math.Max(2, Environment.ProcessorCount)).Select(_ => new LinkedList<Request>())];

    /// <summary>How many there are.</summary>
    internal int Count
    {
        get
        {
            var count = 0;
            foreach (var list in _lists)
                lock (list)
                    count += list.Count;
            return count;
        }
    }

    /// <summary>To be disposed of when the request has ended.</summary>
    public IDisposable Begin(long tokenId, in Use use) => new Ongoing(_lists[(uint)Thread.GetCurrentProcessorId() % (uint)_lists.Length], new Request(tokenId, use));

    /// <summary>Marks the keys of long requests as used just now.</summary>
    internal void MarkInto(CountBatch batch)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        foreach (var list in _lists)
            lock (list)
                foreach (var (tokenId, use) in list)
                    if (now - use.At >= Long)
                        batch.Mark(tokenId, use with { At = now });
    }

    private readonly record struct Request(long TokenId, Use Use);

    private sealed class Ongoing : IDisposable
    {
        private readonly LinkedList<Request> _list;
        private readonly LinkedListNode<Request> _node;

        public Ongoing(LinkedList<Request> list, Request request)
        {
            (_list, _node) = (list, new LinkedListNode<Request>(request));
            lock (list)
                list.AddLast(_node);
        }

        public void Dispose()
        {
            lock (_list)
                if (_node.List is not null)
                    _list.Remove(_node);
        }
    }
}
