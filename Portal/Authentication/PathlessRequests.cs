using Microsoft.AspNetCore.Http.Features;
using Portal.Wire;

namespace Portal.Authentication;

/// <summary>Responds to requests that concern the server as a whole rather than a module or a page: <c>OPTIONS *</c>, and <c>CONNECT</c>, which asks
/// a proxy for a tunnel.</summary>
internal static class PathlessRequests
{
    private const string Methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

    private static readonly Refusal NoTunnel = new(
        StatusCodes.Status405MethodNotAllowed, ErrorCodes.MethodNotAllowed, $"Portal does not open tunnels. Use one of {Methods}.");

    /// <returns>Null if the request has a path.</returns>
    public static Task? TryAnswer(HttpContext context, TargetForm form)
    {
        if (form == TargetForm.Asterisk)
            return AnswerOptions(context.Response);
        return form == TargetForm.Authority || IsTunnel(context) ? RefuseTunnel(context.Response) : null;
    }

    private static Task AnswerOptions(HttpResponse response)
    {
        response.StatusCode = StatusCodes.Status204NoContent;
        response.Headers.Allow = Methods;
        return Task.CompletedTask;
    }

    private static Task RefuseTunnel(HttpResponse response)
    {
        response.Headers.Allow = Methods;
        return NoTunnel.WriteAsync(response);
    }

    /// <summary>A WebSocket over HTTP/2 also begins with CONNECT, but specifies its protocol and a path (RFC 8441).</summary>
    private static bool IsTunnel(HttpContext context) =>
        HttpMethods.IsConnect(context.Request.Method) && context.Features.Get<IHttpExtendedConnectFeature>() is not { IsExtendedConnect: true };
}
