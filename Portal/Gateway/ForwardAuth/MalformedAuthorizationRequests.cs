using Microsoft.AspNetCore.Http.Features;
using Portal.Authentication;
using Portal.Wire;

namespace Portal.Gateway.ForwardAuth;

/// <summary>Describes the refusal in headers if a proxy that supports only 401 and 403 passes on headers that the web server refuses. nginx turns any
/// other status into a 500.</summary>
internal sealed class MalformedAuthorizationRequests(ForwardAuthClients clients) : IMalformedRequestForm
{
    public bool Covers(string target) => clients.Any && target.StartsWith(ProxyStyle.Endpoint, StringComparison.OrdinalIgnoreCase);

    public void Adapt(IFeatureCollection request, Refusal refusal, IHttpResponseFeature response)
    {
        if (request.Get<IHttpRequestFeature>() is { } read && ProxyStyle.Find(read.RawTarget, out _) is { SupportsOnly401And403: true }
            && clients.MayAsk(request.Get<IHttpConnectionFeature>()?.RemoteIpAddress))
            response.StatusCode = ForwardAuthMiddleware.DescribeInHeaders(
                refusal, response.Headers, request.Get<IHttpRequestIdentifierFeature>()?.TraceIdentifier ?? "");
    }
}
