namespace Portal.Access;

/// <summary>Tells within this process that a user was changed.</summary>
public sealed class UserChanges
{
    /// <summary>With the user's id, after the change was stored.</summary>
    public event Action<string>? Published;

    internal void Publish(string userId) => Published?.Invoke(userId);
}
