namespace Portal.Gateway.ForwardAuth;

/// <summary>The way in which a kind of proxy describes the request that it asks about.</summary>
/// <remarks>
/// The path that the proxy requests contains its kind, such as <c>/forward-auth/nginx</c>, so that only the headers that this kind sets itself are
/// trusted. The headers of other kinds may come from a client and be passed along: if any of them were trusted, a client could choose what is
/// checked.
/// </remarks>
/// <param name="UriHeader">Null if the original path and query follow the style's name in the requested path.</param>
/// <param name="MethodHeader">Null if the proxy's request has the method of the original one.</param>
/// <param name="AddressHeader">Contains the client's address.</param>
/// <param name="SupportsOnly401And403">Whether it supports only 401 and 403, and by itself passes on neither the body nor other headers.</param>
internal sealed record ProxyStyle(string Name, string? UriHeader, string? MethodHeader, string AddressHeader, bool SupportsOnly401And403 = false)
{
    /// <summary>The path prefix at which proxies ask.</summary>
    public const string Endpoint = "/forward-auth";

    public const string ForwardedFor = "X-Forwarded-For";

    public static readonly ProxyStyle[] All =
    [
        new("nginx", "X-Original-URI", "X-Original-Method", "X-Real-IP", SupportsOnly401And403: true),
        new("traefik", "X-Forwarded-Uri", "X-Forwarded-Method", ForwardedFor),
        new("caddy", "X-Forwarded-Uri", "X-Forwarded-Method", ForwardedFor),
        new("envoy", null, null, "X-Real-IP"),
    ];

    /// <param name="target">The target as received. A server's reading, for example without dot segments, could be another path than the proxy
    /// meant.</param>
    /// <param name="rest">The part after the style's name.</param>
    /// <returns>Null if there is no style for the path.</returns>
    public static ProxyStyle? Find(string target, out string rest)
    {
        rest = "";
        if (!target.StartsWith(Endpoint + "/", StringComparison.Ordinal))
            return null;
        var begin = Endpoint.Length + 1;
        var end = target.AsSpan(begin).IndexOfAny('/', '?') is >= 0 and var length ? begin + length : target.Length;
        rest = target[end..];
        foreach (var style in All)
            if (target.AsSpan(begin..end).SequenceEqual(style.Name))
                return style.UriHeader is null || !rest.StartsWith('/') ? style : null;
        return null;
    }
}
