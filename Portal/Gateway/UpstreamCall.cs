using Portal.Authentication;

namespace Portal.Gateway;

/// <summary>A request on its way to an upstream: what the <see cref="UpstreamTransformer"/> must know of it.</summary>
/// <param name="target">As it came over the wire.</param>
/// <param name="start">Where the part begins that goes to the upstream.</param>
/// <param name="assertion">Null: none is sent.</param>
internal sealed class UpstreamCall(ApiCaller caller, string target, int start, string? assertion)
{
    public ApiCaller Caller => caller;
    public string? Assertion => assertion;

    /// <summary>See <see cref="UpstreamMetrics.Now"/>.</summary>
    public long AnsweredAt { get; set; }

    public Uri AddressAt(string destination) => UpstreamPath.Join(destination, target, start);
}
