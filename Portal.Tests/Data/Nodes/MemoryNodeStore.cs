using Portal.Data.Nodes;

namespace Portal.Tests.Data.Nodes;

/// <summary>A change log and a list of nodes in memory, for tests of what happens when. The tests of the statements use PostgreSQL.</summary>
internal sealed class MemoryNodeStore : INodeStore
{
    private readonly Lock _lock = new();
    private readonly List<Change> _changes = [];
    private readonly Dictionary<Guid, NodeRow> _live = [];
    private readonly List<string> _calls = [];

    /// <summary>Called at the beginning of each call, with its name. What it throws is the failure of the call.</summary>
    public Action<string> OnCall { get; set; } = _ => { };

    /// <summary>Called at the end of each call, before the caller gets the answer.</summary>
    public Action<string> OnAnswer { get; set; } = _ => { };

    public long Last { get; private set; }

    /// <summary>The names of the calls so far, and what else was recorded.</summary>
    public IReadOnlyList<string> Calls
    {
        get
        {
            lock (_lock)
                return [.. _calls];
        }
    }

    public IReadOnlyList<NodeRow> Live
    {
        get
        {
            lock (_lock)
                return [.. _live.Values];
        }
    }

    public void Record(string call)
    {
        lock (_lock)
            _calls.Add(call);
    }

    public void Change(string handle)
    {
        lock (_lock)
            _changes.Add(new Change(++Last, ChangeKind.Token, handle));
    }

    /// <summary>Moves the end of the log, without the changes in between.</summary>
    public void SetLast(long last)
    {
        lock (_lock)
            _changes.RemoveAll(change => change.Sequence > last);
        Last = last;
    }

    /// <summary>Sets the row of another node.</summary>
    public void Set(NodeRow node)
    {
        lock (_lock)
            _live[node.Id] = node;
    }

    /// <summary>Completes when the condition holds. Other threads run in between.</summary>
    public async Task WhenAsync(Func<IReadOnlyList<string>, bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition(Calls))
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    public Task JoinAsync(NodeIdentity node, Guid id, CancellationToken cancellation) => RunAsync("join", () => _live.Add(id, new NodeRow(id, node.Name, 1, 0)));

    public Task<ChangesRead> ReadChangesAsync(long after, CancellationToken cancellation) =>
        RunAsync("read", () => new ChangesRead(Last, [.. _changes.Where(change => change.Sequence > after)]));

    public Task<bool> RenewAsync(Guid id, long readThrough, CancellationToken cancellation) => RunAsync("renew", () =>
    {
        if (!_live.TryGetValue(id, out var row))
            return false;
        _live[id] = row with { Renewal = row.Renewal + 1, ReadThrough = readThrough };
        return true;
    });

    public Task<NodesRead> ReadNodesAsync(CancellationToken cancellation) => RunAsync("nodes", () => new NodesRead(Last, [.. _live.Values]));

    public Task<bool> DeclareDeadAsync(Guid id, long renewal, CancellationToken cancellation) => RunAsync("declare dead", () =>
        _live.TryGetValue(id, out var row) && row.Renewal == renewal && _live.Remove(id));

    public Task LeaveAsync(Guid id, CancellationToken cancellation) => RunAsync("leave", () => _live.Remove(id));

    public Task DrainAsync(Guid id, CancellationToken cancellation) => RunAsync("drain", () => { });

    /// <summary>The nodes for people.</summary>
    public IReadOnlyList<NodeDescription> Described { get; set; } = [];

    /// <summary>The time of the database, which <see cref="ReadAllAsync"/> answers.</summary>
    public DateTime Now { get; set; } = DateTime.UnixEpoch;

    public Task<NodeDescriptions> ReadAllAsync(CancellationToken cancellation) => RunAsync("all", () => new NodeDescriptions(Last, Now, Described));

    public Task PruneAsync(CancellationToken cancellation) => RunAsync("prune", () => _changes.Clear());

    private Task<bool> RunAsync(string name, Action run) => RunAsync(name, () =>
    {
        run();
        return true;
    });

    private Task<T> RunAsync<T>(string name, Func<T> run)
    {
        try
        {
            OnCall(name);
            T result;
            lock (_lock)
            {
                _calls.Add(name);
                result = run();
            }

            OnAnswer(name);
            return Task.FromResult(result);
        }
        catch (Exception exception)
        {
            return Task.FromException<T>(exception);
        }
    }
}
