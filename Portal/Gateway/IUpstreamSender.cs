using Yarp.ReverseProxy.Forwarder;

namespace Portal.Gateway;

/// <summary>A way to send a request to an upstream and to return its response.</summary>
internal interface IUpstreamSender
{
    ValueTask<ForwarderError> SendAsync(HttpContext context);
}

/// <summary>Sends to a single destination, without load balancing or health checks.</summary>
internal sealed class DirectSender(
    string destination, IHttpForwarder forwarder, HttpMessageInvoker client, ForwarderRequestConfig request, HttpTransformer transformer) : IUpstreamSender
{
    public ValueTask<ForwarderError> SendAsync(HttpContext context) => forwarder.SendAsync(context, destination, client, request, transformer);
}

/// <summary>Sends through the proxy's pipeline, which knows the module's destinations and their health.</summary>
internal sealed class BalancedSender(Endpoint proxy) : IUpstreamSender
{
    private readonly RequestDelegate _pipeline = proxy.RequestDelegate!;

    public async ValueTask<ForwarderError> SendAsync(HttpContext context)
    {
        context.SetEndpoint(proxy);
        await _pipeline(context);
        return context.Features.Get<IForwarderErrorFeature>()?.Error ?? ForwarderError.None;
    }
}
