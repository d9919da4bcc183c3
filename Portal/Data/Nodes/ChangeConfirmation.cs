namespace Portal.Data.Nodes;

/// <summary>Observes how far the changes of a caller are in force on all nodes.</summary>
/// <remarks>Changes of the same asynchronous flow report to the innermost one that isn't disposed. Without one, they wait as well.</remarks>
public sealed class ChangeConfirmation : IDisposable, IAsyncDisposable
{
    private static readonly AsyncLocal<ChangeConfirmation?> Flowing = new();

    private readonly ChangeConfirmation? _outer = Flowing.Value;
    private readonly IProgress<ChangeProgress>? _progress;
    private readonly bool _postpones;
    private readonly Lock _lock = new();
    private List<UnconfirmedNode> _unconfirmed = [];
    private IChangeBarrier? _postponed;

    private ChangeConfirmation(IProgress<ChangeProgress>? progress, bool postpones) => (_progress, _postpones) = (progress, postpones);

    /// <summary>The nodes that may still act by the state before one of the changes, each with the latest time.</summary>
    public IReadOnlyList<UnconfirmedNode> Unconfirmed
    {
        get
        {
            lock (_lock)
                return _unconfirmed;
        }
    }

    /// <summary>Observes the changes until it is disposed.</summary>
    /// <param name="progress">Is told each time when another node has confirmed a change; null if only the result matters.</param>
    public static ChangeConfirmation Observe(IProgress<ChangeProgress>? progress = null) => Flowing.Value = new ChangeConfirmation(progress, postpones: false);

    /// <summary>Lets many changes wait together: each returns when it is stored, and all of them are in force when the asynchronous disposal has
    /// completed.</summary>
    public static ChangeConfirmation Postpone() => Flowing.Value = new ChangeConfirmation(Flowing.Value?._progress, postpones: true);

    /// <summary>Waits for a change that is committed, unless the caller postpones this.</summary>
    internal static Task ConfirmAsync(IChangeBarrier barrier)
    {
        if (Flowing.Value is not { } current)
            return barrier.WaitAsync(null);
        if (!current._postpones)
            return current.WaitAsync(barrier);
        current._postponed = barrier;
        return Task.CompletedTask;
    }

    public void Dispose() => Flowing.Value = _outer;

    /// <inheritdoc/>
    /// <remarks>Not an asynchronous method, because the caller would not see its change of the flow.</remarks>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return _postponed is { } barrier ? new ValueTask(ConfirmAsync(barrier)) : default;
    }

    private async Task WaitAsync(IChangeBarrier barrier)
    {
        var nodes = await barrier.WaitAsync(_progress);
        if (nodes.Count == 0)
            return;
        lock (_lock)
            _unconfirmed = [.. _unconfirmed.Concat(nodes).GroupBy(node => node.Name).Select(group => group.MaxBy(node => node.Until)!)];
    }
}
