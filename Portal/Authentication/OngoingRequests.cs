using Portal.Statistics;
using Portal.Wire;

namespace Portal.Authentication;

/// <summary>The accepted requests that aren't completed yet.</summary>
/// <remarks>Registering takes one lock that is rarely contended: there are several parts, each with its own lock.</remarks>
internal sealed class OngoingRequests : IOngoingUses
{
    private readonly Shard[] _shards = [.. Enumerable.Range(0, Environment.ProcessorCount * 4).Select(_ => new Shard())];

    private TaskCompletionSource? _added;

    /// <summary>The number of requests.</summary>
    public int Count
    {
        get
        {
            var count = 0;
            foreach (var shard in _shards)
                lock (shard.Lock)
                    count += shard.Requests.Count;
            return count;
        }
    }

    public void Add(OngoingRequest request)
    {
        request.Shard = Thread.GetCurrentProcessorId() % _shards.Length;
        var shard = _shards[request.Shard];
        lock (shard.Lock)
        {
            request.Index = shard.Requests.Count;
            shard.Requests.Add(request);
            // Within the lock, WhenAny has either stored its source by now or counts this request.
            if (_added is { } added)
                added.TrySetResult();
        }
    }

    /// <summary>Completes when there is a request, which may be immediately. Supports a single caller.</summary>
    public async Task WhenAny(CancellationToken cancellation)
    {
        var added = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref _added, added);
        if (Count == 0)
            await added.Task.WaitAsync(cancellation);
        Interlocked.Exchange(ref _added, null);
    }

    /// <summary>Removes the request. Has no effect on a request that wasn't added.</summary>
    public void Remove(OngoingRequest request)
    {
        if (request.Index < 0)
            return;
        var shard = _shards[request.Shard];
        lock (shard.Lock)
        {
            var last = shard.Requests[^1];
            shard.Requests[request.Index] = last;
            last.Index = request.Index;
            shard.Requests.RemoveAt(shard.Requests.Count - 1);
            request.Index = -1;
        }
    }

    /// <summary>Adds all of them to the list.</summary>
    public void CopyTo(List<OngoingRequest> list)
    {
        foreach (var shard in _shards)
            lock (shard.Lock)
                list.AddRange(shard.Requests);
    }

    /// <inheritdoc/>
    public IReadOnlyList<OngoingUse> Find(DateTime latest, DateTime now)
    {
        List<OngoingUse> found = [];
        foreach (var shard in _shards)
            lock (shard.Lock)
                foreach (var request in shard.Requests)
                    if (request.Began <= latest)
                        found.Add(new OngoingUse(
                            request.Credential.TokenId, new Use(request.SecretId, now, request.Address, request.Module?.Id ?? "", request.Client)));
        return found;
    }

    /// <summary>Ends the request, see <see cref="OngoingRequest.EndFor"/>. Has no effect if it has completed meanwhile.</summary>
    public void End(OngoingRequest request, Refusal refusal)
    {
        lock (_shards[request.Shard].Lock)
            if (request.Index >= 0)
                request.EndFor(refusal);
    }

    private sealed class Shard
    {
        public Lock Lock { get; } = new();
        public List<OngoingRequest> Requests { get; } = [];
    }
}
