using System.Net;
using IPNetwork = System.Net.IPNetwork;

namespace Portal.Hosting;

/// <summary>Takes a trusted proxy's word for the path that it cut off: <c>X-Forwarded-Prefix: /portal</c>. Goes before the middleware
/// that puts the client's address in place of the proxy's.</summary>
/// <remarks>The header only says what to put before links. It never cuts anything off the path: a client whose proxy passes the
/// header on could otherwise choose which page is answered.</remarks>
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
    /// <returns>Empty: there is none. Null: one of them is no plain path.</returns>
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
