using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Portal.Authentication;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms.Builder;

namespace Portal.Gateway;

/// <summary>Converts a client's request into the upstream's, and the upstream's response into the client's. It is the same for all modules: the
/// differences are in the <see cref="UpstreamCall"/>.</summary>
internal sealed class UpstreamTransformer(PortalCookies cookies, UpstreamMetrics metrics) : HttpTransformer, ITransformBuilder
{
    public const string TokenHandle = "X-Token-Handle", TokenName = "X-Token-Name", AccountId = "X-Account-Id", Assertion = "X-Portal-Assertion";

    public override ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        var call = httpContext.Features.GetRequiredFeature<UpstreamCall>();
        if (call.AddressAt(destinationPrefix) is not { } address)
        {
            call.Caller.Refuse(Refusals.NothingAt(httpContext.Request.Path));
            // If the status isn't 200, the forwarder treats the request as answered.
            httpContext.Response.StatusCode = StatusCodes.Status404NotFound;
            return default;
        }

        proxyRequest.RequestUri = address;
        ClientHeaders.Copy(httpContext, proxyRequest);
        RetryPrevention.Prevent(httpContext, proxyRequest);
        AddCookies(httpContext.Request, proxyRequest);
        AddCaller(call, proxyRequest);
        AddOrigin(httpContext, proxyRequest);
        proxyRequest.Headers.TryAddWithoutValidation("X-Forwarded-Prefix", call.PublicPrefix(httpContext.Request.PathBase));
        proxyRequest.Headers.TryAddWithoutValidation(HeaderNames.Via, Via(httpContext.Request.Protocol));
        return default;
    }

    public override async ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is null)
            return await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        var call = httpContext.Features.GetRequiredFeature<UpstreamCall>();
        call.AnsweredAt = metrics.Now();
        ThrowIfEncoded(proxyResponse);
        var copies = await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        PublicAddresses.Rewrite(httpContext, call, proxyResponse.RequestMessage?.RequestUri);
        ProtectPages(httpContext.Response.Headers);
        // These have no content, whatever the upstream says.
        if (proxyResponse.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.ResetContent)
        {
            httpContext.Response.ContentLength = null;
            copies &= proxyResponse.StatusCode != HttpStatusCode.ResetContent;
        }

        if (proxyResponse.Headers.NonValidated.TryGetValues(HeaderNames.Connection, out var connection)
            && ClientHeaders.NamedByConnection(connection.ToString()) is { } named)
            foreach (var name in named.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                httpContext.Response.Headers.Remove(name);
        return copies;
    }

    /// <summary>Removes headers with which an upstream, which shares Portal's origin, could end or replace a person's session or take over
    /// pages.</summary>
    private void ProtectPages(IHeaderDictionary headers)
    {
        headers.Remove("Clear-Site-Data");
        headers.Remove("Service-Worker-Allowed");
        if (headers.SetCookie.Count > 0)
            headers.SetCookie = cookies.WithoutOwn(headers.SetCookie);
    }

    /// <summary>Portal removes the transfer coding. It can't decode an unknown one, and without its name the body would be unusable.</summary>
    private static void ThrowIfEncoded(HttpResponseMessage response)
    {
        if (response.Headers.NonValidated.TryGetValues(HeaderNames.TransferEncoding, out var codings)
            && !codings.ToString().Equals("chunked", StringComparison.OrdinalIgnoreCase))
            throw new HttpRequestException(HttpRequestError.InvalidResponse, $"The response has the transfer coding '{codings}', which nobody asked for.");
    }

    /// <summary>The protocol of the request to Portal (RFC 9110, 7.6.3).</summary>
    private static string Via(string protocol) =>
        HttpProtocol.IsHttp11(protocol) ? "1.1 portal" : HttpProtocol.IsHttp2(protocol) ? "2.0 portal" : HttpProtocol.IsHttp3(protocol) ? "3.0 portal" : "1.0 portal";

    private void AddCookies(HttpRequest from, HttpRequestMessage to)
    {
        if (from.Headers.Cookie is { Count: > 0 } sent && cookies.TakeOut(sent) is { Length: > 0 } others)
            to.Headers.TryAddWithoutValidation(HeaderNames.Cookie, others);
    }

    private static void AddCaller(UpstreamCall call, HttpRequestMessage to)
    {
        var credential = call.Caller.Credential;
        to.Headers.TryAddWithoutValidation(TokenHandle, credential.Handle);
        to.Headers.TryAddWithoutValidation(TokenName, credential.EncodedName);
        to.Headers.TryAddWithoutValidation(AccountId, credential.AccountId);
        if (call.Assertion is not null)
            to.Headers.TryAddWithoutValidation(Assertion, call.Assertion);
    }

    /// <summary>The address, scheme and host of the client, if a trusted proxy sent them, or of the connection.</summary>
    private static void AddOrigin(HttpContext context, HttpRequestMessage to)
    {
        if (context.Connection.RemoteIpAddress is { } address)
            to.Headers.TryAddWithoutValidation("X-Forwarded-For", Written(address));
        to.Headers.TryAddWithoutValidation("X-Forwarded-Proto", context.Request.Scheme);
        if (context.Request.Host.HasValue)
            to.Headers.TryAddWithoutValidation("X-Forwarded-Host", context.Request.Host.Value);
    }

    private static string Written(IPAddress address) => (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();

    // The proxy's own way to get transformers: the same one for every route.
    HttpTransformer ITransformBuilder.Build(RouteConfig route, ClusterConfig? cluster) => this;
    HttpTransformer ITransformBuilder.Create(Action<TransformBuilderContext> action) => throw new NotSupportedException("There is one transformer for all.");
    IReadOnlyList<Exception> ITransformBuilder.ValidateRoute(RouteConfig route) => [];
    IReadOnlyList<Exception> ITransformBuilder.ValidateCluster(ClusterConfig cluster) => [];
}
