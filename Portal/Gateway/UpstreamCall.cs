using Microsoft.AspNetCore.Http.Features;
using Portal.Authentication;

namespace Portal.Gateway;

/// <summary>A request on its way to an upstream.</summary>
/// <remarks>It stands in the place of the feature by which the forwarder breaks off an answer that has begun: only in that
/// moment can a client that left be told from an upstream that failed.</remarks>
/// <param name="target">As it came over the wire.</param>
/// <param name="start">Where the part begins that goes to the upstream.</param>
/// <param name="assertion">Null: none is sent.</param>
internal sealed class UpstreamCall(HttpContext context, ApiCaller caller, string target, int start, string? assertion) : IHttpResetFeature
{
    private readonly IHttpResetFeature? _reset = context.Features.Get<IHttpResetFeature>();

    public ApiCaller Caller => caller;
    public string? Assertion => assertion;

    /// <summary>The answer had begun and was broken off.</summary>
    public bool BrokenOff { get; private set; }

    /// <summary>The client was gone when the answer was broken off.</summary>
    public bool ClientLeft { get; private set; }

    /// <exception cref="InvalidOperationException">The request is not being forwarded.</exception>
    public static UpstreamCall Of(HttpContext context) =>
        context.Features.Get<IHttpResetFeature>() as UpstreamCall ?? throw new InvalidOperationException("The request did not come through the gateway.");

    /// <summary>Makes the request known to those behind: <see cref="Of"/>.</summary>
    public void Begin() => context.Features.Set<IHttpResetFeature>(this);

    public Uri AddressAt(string destination) => UpstreamPath.Join(destination, target, start);

    public void Reset(int errorCode)
    {
        (BrokenOff, ClientLeft) = (true, context.RequestAborted.IsCancellationRequested);
        if (_reset is not null)
            _reset.Reset(errorCode);
        else
            context.Abort();
    }
}
