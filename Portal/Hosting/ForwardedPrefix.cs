using System.Net;
using IPNetwork = System.Net.IPNetwork;

namespace Portal.Hosting;

/// <summary>Accepts the path that a trusted proxy removed: <c>X-Forwarded-Prefix: /portal</c>. Runs before the middleware that replaces the proxy's
/// address with the client's.</summary>
/// <remarks>The header only determines the prefix of links. It never removes anything from the path: otherwise, if a proxy passes the header on, its
/// client could choose which page is served.</remarks>
internal sealed class ForwardedPrefix(RequestDelegate next, IPNetwork[] proxies)
{
    private const string Header = "X-Forwarded-Prefix";

    public Task InvokeAsync(HttpContext context)
    {
        var prefixes = context.Request.Headers[Header];
        if (prefixes.Count > 0 && IsTrusted(context.Connection.RemoteIpAddress) && Join(prefixes.ToString()) is { Length: > 0 } prefix)
            context.Request.PathBase = prefix;
        return next(context);
    }

    /// <summary>With several proxies, each adds the path that it removed, the outermost first.</summary>
    /// <returns>Empty if there is none. Null if one of them isn't a plain path.</returns>
    private static string? Join(string prefixes)
    {
        var joined = "";
        foreach (var part in prefixes.Split(',', StringSplitOptions.TrimEntries))
        {
            if (PublicPath.Parse(part) is not { } path)
                return null;
            joined += path;
        }

        return PublicPath.Parse(joined);
    }

    private bool IsTrusted(IPAddress? peer)
    {
        if (peer is { IsIPv4MappedToIPv6: true })
            peer = peer.MapToIPv4();
        return peer is not null && Array.Exists(proxies, proxy => proxy.Contains(peer));
    }
}
