namespace Portal.Tokens;

/// <summary>Tells whoever keeps tokens in memory that one has changed, before the call that changed it returns.</summary>
public sealed class TokenChanges
{
    /// <summary>Raised with the handle, after the change is durable. Handlers must not block or throw.</summary>
    public event Action<string>? Changed;

    internal void Publish(string handle) => Changed?.Invoke(handle);
}
