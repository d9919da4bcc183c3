using Yarp.ReverseProxy.Forwarder;

namespace Portal.Gateway;

/// <summary>One of the ways on which a request gets to an upstream and the answer comes back.</summary>
internal interface IUpstreamSender
{
    ValueTask<ForwarderError> SendAsync(HttpContext context);
}

/// <summary>Straight to the one destination: nothing to choose, nothing to watch.</summary>
internal sealed class DirectSender(
    string destination, IHttpForwarder forwarder, HttpMessageInvoker client, ForwarderRequestConfig request, HttpTransformer transformer) : IUpstreamSender
{
    public ValueTask<ForwarderError> SendAsync(HttpContext context) => forwarder.SendAsync(context, destination, client, request, transformer);
}

/// <summary>Through the proxy's pipeline, which knows the module's destinations and their health.</summary>
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
