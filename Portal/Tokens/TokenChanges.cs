using Portal.Data.Nodes;

namespace Portal.Tokens;

/// <summary>Notifies caches that a token has changed, before the call that changed it returns, whichever node has changed it.</summary>
public sealed class TokenChanges : IChangeListener
{
    /// <summary>Raised with the handle, after the change is durable. Handlers must not block or throw.</summary>
    public event Action<string>? Changed;

    /// <summary>Raised if any token may have changed. Handlers must not block or throw.</summary>
    public event Action? Dropped;

    internal void Publish(string handle) => Changed?.Invoke(handle);

    void IChangeListener.Changed(in Change change)
    {
        if (change.Kind == ChangeKind.Token)
            Publish(change.Key);
    }

    void IChangeListener.DropAll() => Dropped?.Invoke();
}
