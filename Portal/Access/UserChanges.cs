namespace Portal.Access;

/// <summary>Notifies this process that a user has changed.</summary>
public sealed class UserChanges
{
    /// <summary>Raised with the ID of the user, after the change is stored.</summary>
    public event Action<string>? Published;

    internal void Publish(string userId) => Published?.Invoke(userId);
}
