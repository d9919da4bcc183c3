using System.Buffers;
using System.Collections.Frozen;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Transforms;

namespace Portal.Gateway;

/// <summary>Copies to an upstream what the client sent, but for what is between client and Portal, and for what only Portal
/// may say.</summary>
internal static class ClientHeaders
{
    /// <summary>For one connection, or Portal's own affair.</summary>
    private static readonly FrozenSet<string> NotForUpstreams = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        HeaderNames.Connection, HeaderNames.KeepAlive, HeaderNames.ProxyConnection, HeaderNames.ProxyAuthenticate, HeaderNames.ProxyAuthorization,
        HeaderNames.TE, HeaderNames.Trailer, HeaderNames.TransferEncoding, HeaderNames.Upgrade, "HTTP2-Settings",
        HeaderNames.Host, HeaderNames.Authorization, HeaderNames.Cookie, "Forwarded");

    /// <summary>Beginnings of names by which Portal, or a proxy before it, speaks to upstreams: who called, from where, and
    /// for some frameworks even for which path. A hyphen stands for anything that is no letter and no digit, because many
    /// servers make no difference.</summary>
    private static readonly string[] Reserved =
    [
        "X-Token-", "X-Account-Id", "X-Portal-", "X-Forwarded", "X-Original-", "X-Rewrite-", "X-Real-Ip", "X-Client-Ip", "X-Sandbox", "X-Envoy-", "X-Accel-", "X-Middleware-",
    ];

    /// <summary>Whole names that are reserved too: <c>Proxy</c>, which CGI turns into the environment variable
    /// <c>HTTP_PROXY</c> (httpoxy), names by which other proxies and CDNs tell the client's address or the host, and one that
    /// tells Rack how to send files.</summary>
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

    /// <summary>The further headers that the sender wants left out; usually none. (Beside <c>close</c> and
    /// <c>keep-alive</c> the web server itself forgets them.)</summary>
    /// <returns>Null: none.</returns>
    public static string? NamedByConnection(StringValues connection) =>
        connection is [] or [null or "" or "keep-alive" or "Keep-Alive" or "close" or "Upgrade" or "upgrade"] ? null : connection.ToString();

    /// <param name="list">Separated by commas.</param>
    private static bool IsListed(string? list, string name)
    {
        if (list is null)
            return false;
        foreach (var part in list.AsSpan().Split(','))
            if (list.AsSpan(part).Trim().Equals(name, StringComparison.OrdinalIgnoreCase))
                return true;
        return false;
    }

    /// <summary>Whether some servers read the name as that of a header which names the caller, although it is another one:
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
        // It is one that describes a body. A request without one may have it all the same, and then the proxy alone can add
        // it; but the length of nothing adds itself.
        if (to.Content is not null)
            to.Content.Headers.TryAddWithoutValidation(name, value);
        else if (!name.Equals(HeaderNames.ContentLength, StringComparison.OrdinalIgnoreCase))
            RequestTransform.AddHeader(new RequestTransformContext { HttpContext = context, ProxyRequest = to }, name, value);
    }
}
