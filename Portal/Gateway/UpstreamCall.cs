using Portal.Authentication;

namespace Portal.Gateway;

/// <summary>A request on its way to an upstream: what the <see cref="UpstreamTransformer"/> must know of it.</summary>
/// <param name="path">What goes to the upstream.</param>
/// <param name="assertion">Null: none is sent.</param>
internal sealed class UpstreamCall(ApiCaller caller, UpstreamPath path, string? assertion)
{
    public ApiCaller Caller => caller;
    public string? Assertion => assertion;

    /// <summary>See <see cref="UpstreamMetrics.Now"/>.</summary>
    public long AnsweredAt { get; set; }

    /// <returns>Null: it would lie outside of the module, and must not be sent.</returns>
    public Uri? AddressAt(string destination) => path.At(destination);
}
