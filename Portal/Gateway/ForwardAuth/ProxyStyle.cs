namespace Portal.Gateway.ForwardAuth;

/// <summary>How a kind of proxy describes the request that it wants to authorize.</summary>
/// <remarks>
/// The address that the proxy asks at names its kind, <c>/forward-auth/nginx</c>, so that exactly the headers are believed that
/// this kind sets itself. The other kinds' headers may come from a client and just be passed along: to believe whichever is
/// there would let a client choose what it is judged by.
/// </remarks>
/// <param name="UriHeader">Null: the original path and query follow the address asked at.</param>
/// <param name="MethodHeader">Null: the question has the method of the original request.</param>
/// <param name="AddressHeader">Holds the client's address.</param>
/// <param name="KnowsTwoRefusals">Understands 401 and 403 alone, and passes on neither the body nor other headers by itself.</param>
internal sealed record ProxyStyle(string Name, string? UriHeader, string? MethodHeader, string AddressHeader, bool KnowsTwoRefusals = false)
{
    /// <summary>Where proxies ask.</summary>
    public const string Endpoint = "/forward-auth";

    public const string ForwardedFor = "X-Forwarded-For";

    public static readonly ProxyStyle[] All =
    [
        new("nginx", "X-Original-URI", "X-Original-Method", "X-Real-IP", KnowsTwoRefusals: true),
        new("traefik", "X-Forwarded-Uri", "X-Forwarded-Method", ForwardedFor),
        new("caddy", "X-Forwarded-Uri", "X-Forwarded-Method", ForwardedFor),
        new("envoy", null, null, "X-Real-IP"),
    ];

    /// <param name="target">As it came over the wire. What servers make of it, without dot segments for example, could be
    /// another address than the proxy meant.</param>
    /// <param name="rest">What follows the style's name.</param>
    /// <returns>Null: nobody asks there.</returns>
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
