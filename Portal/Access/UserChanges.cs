using Portal.Data.Nodes;

namespace Portal.Access;

/// <summary>Notifies this process that a user has changed.</summary>
public sealed class UserChanges : IChangeListener
{
    /// <summary>Raised with the ID of the user, after the change is stored.</summary>
    public event Action<string>? Published;

    /// <summary>Raised when any user may have changed.</summary>
    public event Action? Dropped;

    internal void Publish(string userId) => Published?.Invoke(userId);

    void IChangeListener.Changed(in Change change)
    {
        if (change.Kind == ChangeKind.User)
            Publish(change.Key);
    }

    void IChangeListener.DropAll() => Dropped?.Invoke();
}
