using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Transforms;

namespace Portal.Gateway;

/// <summary>Prevents requests with a non-idempotent method from being sent twice (RFC 9110, 9.2.2).</summary>
/// <remarks>The HTTP client retries a request by itself if the connection closes before any of the response arrives and no content was sent. The
/// upstream may still have processed it. Two kinds of requests have sent no content at that time: those without a body, and those that wait for the
/// response to <c>Expect: 100-continue</c>.</remarks>
internal static class RetryPrevention
{
    private static readonly HttpRequestOptionsKey<bool> Sent = new("Sent");

    /// <summary>Whether a request may be sent again if it is unknown whether it was processed.</summary>
    public static bool IsAllowed(string method) => method switch
    {
        "GET" or "HEAD" or "OPTIONS" or "PUT" or "DELETE" or "TRACE" => true,
        // Extended CONNECT, which opens a WebSocket.
        "CONNECT" => true,
        _ => false,
    };

    /// <summary>Gives a request without a body an empty one, so that the client doesn't retry it.</summary>
    public static void Prevent(HttpContext context, HttpRequestMessage request)
    {
        if (request.Content is null && !IsAllowed(request.Method.Method))
            RequestTransform.AddHeader(new RequestTransformContext { HttpContext = context, ProxyRequest = request }, HeaderNames.ContentLength, "0");
    }

    /// <summary>Call it for each header each time the request is sent.</summary>
    /// <exception cref="HttpRequestException">The request is about to be sent again.</exception>
    public static void PreventAfterExpectation(string headerName, HttpRequestMessage request)
    {
        if (headerName.Length != HeaderNames.Expect.Length || !headerName.Equals(HeaderNames.Expect, StringComparison.OrdinalIgnoreCase)
            || IsAllowed(request.Method.Method))
            return;
        if (request.Options.TryGetValue(Sent, out _))
            throw new HttpRequestException(HttpRequestError.ResponseEnded, "The connection closed before the upstream answered the expectation.");
        request.Options.Set(Sent, true);
    }
}
