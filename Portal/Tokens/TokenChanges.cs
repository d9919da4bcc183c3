namespace Portal.Tokens;

/// <summary>Notifies caches that a token has changed, before the call that changed it returns.</summary>
public sealed class TokenChanges
{
    /// <summary>Raised with the handle, after the change is durable. Handlers must not block or throw.</summary>
    public event Action<string>? Changed;

    internal void Publish(string handle) => Changed?.Invoke(handle);
}
