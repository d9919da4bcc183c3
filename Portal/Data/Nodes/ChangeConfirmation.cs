namespace Portal.Data.Nodes;

/// <summary>Observes how far the changes of a caller are in force on all nodes.</summary>
/// <remarks>Changes of the same asynchronous flow report to the innermost one that isn't disposed. Without one, they wait as well.</remarks>
public sealed class ChangeConfirmation : IDisposable
{
    private static readonly AsyncLocal<ChangeConfirmation?> Flowing = new();

    private readonly ChangeConfirmation? _outer = Flowing.Value;
    private readonly Lock _lock = new();
    private List<UnconfirmedNode> _unconfirmed = [];

    private ChangeConfirmation(IProgress<ChangeProgress>? progress) => Progress = progress;

    internal static ChangeConfirmation? Current => Flowing.Value;

    internal IProgress<ChangeProgress>? Progress { get; }

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
    public static ChangeConfirmation Observe(IProgress<ChangeProgress>? progress = null) => Flowing.Value = new ChangeConfirmation(progress);

    public void Dispose() => Flowing.Value = _outer;

    internal void Add(IReadOnlyList<UnconfirmedNode> nodes)
    {
        if (nodes.Count == 0)
            return;
        lock (_lock)
            _unconfirmed = [.. _unconfirmed.Concat(nodes).GroupBy(node => node.Name).Select(group => group.MaxBy(node => node.Until)!)];
    }
}
