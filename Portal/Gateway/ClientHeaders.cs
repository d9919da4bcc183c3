using System.Buffers;
using System.Collections.Frozen;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Transforms;

namespace Portal.Gateway;

/// <summary>Copies the client's headers to the upstream's request, except those that only concern the connection between client and Portal, and those
/// that only Portal may set.</summary>
internal static class ClientHeaders
{
    /// <summary>Headers that concern a single connection or Portal itself.</summary>
    private static readonly FrozenSet<string> NotForUpstreams = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        HeaderNames.Connection, HeaderNames.KeepAlive, HeaderNames.ProxyConnection, HeaderNames.ProxyAuthenticate, HeaderNames.ProxyAuthorization,
        HeaderNames.TE, HeaderNames.Trailer, HeaderNames.TransferEncoding, HeaderNames.Upgrade, "HTTP2-Settings",
        HeaderNames.Host, HeaderNames.Authorization, HeaderNames.Cookie, "Forwarded");

    /// <summary>The prefixes of header names with which Portal, or a proxy in front of it, informs upstreams: about the caller, the client's address,
    /// and for some frameworks even the path. A hyphen stands for anything that isn't a letter or digit, because many servers don't distinguish these
    /// characters.</summary>
    private static readonly string[] Reserved =
    [
        "X-Token-", "X-Account-Id", "X-Portal-", "X-Forwarded", "X-Original-", "X-Rewrite-", "X-Real-Ip", "X-Client-Ip", "X-Sandbox", "X-Envoy-", "X-Accel-", "X-Middleware-",
    ];

    /// <summary>Complete header names that are reserved too: <c>Proxy</c>, which CGI turns into the environment variable <c>HTTP_PROXY</c> (httpoxy);
    /// names with which other proxies and CDNs send the client's address or the host; and one that controls how Rack sends files.</summary>
    private static readonly string[] ReservedNames =
    [
        "Proxy", "Client-Ip", "True-Client-Ip", "Cf-Connecting-Ip", "Fastly-Client-Ip", "X-Cluster-Client-Ip", "X-Host", "X-Http-Host-Override",
        "X-Sendfile-Type",
    ];

    /// <summary>The headers in which forward authentication names the caller.</summary>
    private static readonly string[] CallerNames =
        [UpstreamTransformer.TokenHandle, UpstreamTransformer.TokenName, UpstreamTransformer.AccountId, UpstreamTransformer.Assertion];

    private static readonly SearchValues<char> LineEnds = SearchValues.Create("\r\n\0");

    public static void Copy(HttpContext context, HttpRequestMessage to)
    {
        var from = context.Request;
        var named = NamedByConnection(from.Headers.Connection);
        foreach (var (name, values) in from.Headers)
            if (!NotForUpstreams.Contains(name) && !IsReserved(name) && !IsListed(named, name))
                foreach (var value in values)
                    Add(context, to, name, value);
        // A chunked body must have no Content-Length.
        if (from.Headers.TransferEncoding.Count > 0)
            to.Content?.Headers.Remove(HeaderNames.ContentLength);
        if (from.Headers.TE is { Count: > 0 } trailers && IsListed(trailers.ToString(), "trailers"))
            to.Headers.TryAddWithoutValidation(HeaderNames.TE, "trailers");
    }

    /// <summary>The additional headers that the sender excludes from forwarding; usually none. (The web server itself drops the others beside
    /// <c>close</c> and <c>keep-alive</c>.)</summary>
    /// <returns>Null if there are none.</returns>
    public static string? NamedByConnection(StringValues connection) =>
        connection is [] or [null or "" or "keep-alive" or "Keep-Alive" or "close" or "Upgrade" or "upgrade"] ? null : connection.ToString();

    /// <param name="list">Comma-separated.</param>
    private static bool IsListed(string? list, string name)
    {
        if (list is null)
            return false;
        foreach (var part in list.AsSpan().Split(','))
            if (list.AsSpan(part).Trim().Equals(name, StringComparison.OrdinalIgnoreCase))
                return true;
        return false;
    }

    /// <summary>Whether some servers would read the header as one that identifies the caller although its name differs, such as
    /// <c>X_Token_Handle</c>.</summary>
    internal static bool ImitatesCaller(string name)
    {
        if (!MayBeReserved(name))
            return false;
        foreach (var caller in CallerNames)
            if (name.Length == caller.Length && Begins(name, caller))
                return !name.Equals(caller, StringComparison.OrdinalIgnoreCase);
        return false;
    }

    internal static bool IsReserved(string name)
    {
        if (MayBeReserved(name))
            foreach (var beginning in Reserved)
                if (Begins(name, beginning))
                    return true;
        foreach (var reserved in ReservedNames)
            if (name.Length == reserved.Length && Begins(name, reserved))
                return true;
        return false;
    }

    private static bool MayBeReserved(string name) => name.Length >= 2 && (name[0] | 0x20) == 'x' && !char.IsAsciiLetterOrDigit(name[1]);

    private static bool Begins(string name, string beginning)
    {
        if (name.Length < beginning.Length)
            return false;
        for (var i = 0; i < beginning.Length; i++)
            if (beginning[i] == '-' ? char.IsAsciiLetterOrDigit(name[i]) : (name[i] | 0x20) != (beginning[i] | 0x20))
                return false;
        return true;
    }

    private static void Add(HttpContext context, HttpRequestMessage to, string name, string? value)
    {
        if (value is null || value.AsSpan().ContainsAny(LineEnds) || to.Headers.TryAddWithoutValidation(name, value))
            return;
        // The header describes a body, but a request without a body may have it too, and then only the proxy can add it. Content-Length is set
        // automatically.
        if (to.Content is not null)
            to.Content.Headers.TryAddWithoutValidation(name, value);
        else if (!name.Equals(HeaderNames.ContentLength, StringComparison.OrdinalIgnoreCase))
            RequestTransform.AddHeader(new RequestTransformContext { HttpContext = context, ProxyRequest = to }, name, value);
    }
}
