using System.Text;
using Microsoft.Extensions.Primitives;

namespace Portal.Gateway;

/// <summary>Converts addresses in an upstream's response into those that the client can use: restores the path that Portal removed, and replaces the
/// upstream's own host with Portal's. Public addresses and addresses of other servers don't change.</summary>
/// <param name="call">The call that the response belongs to.</param>
/// <param name="sentTo">The address that the request was sent to.</param>
internal readonly struct PublicAddresses(HttpRequest request, UpstreamCall call, Uri sentTo)
{
    /// <summary>Converts the headers that contain addresses.</summary>
    public static void Rewrite(HttpContext context, UpstreamCall call, Uri? sentTo)
    {
        var headers = context.Response.Headers;
        var (hasCookies, hasAddresses) = (headers.SetCookie.Count > 0, headers.Location.Count + headers.ContentLocation.Count + headers.Link.Count > 0);
        var refresh = headers["Refresh"];
        if (sentTo is null || !(hasCookies || hasAddresses || refresh.Count > 0))
            return;
        var addresses = new PublicAddresses(context.Request, call, sentTo);
        if (headers.Location.Count > 0)
            headers.Location = Each(headers.Location, addresses.Find);
        if (headers.ContentLocation.Count > 0)
            headers.ContentLocation = Each(headers.ContentLocation, addresses.Find);
        if (headers.Link.Count > 0)
            headers.Link = Each(headers.Link, addresses.InLink);
        if (refresh.Count > 0)
            headers["Refresh"] = Each(refresh, addresses.InRefresh);
        if (hasCookies)
            headers.SetCookie = Each(headers.SetCookie, new PublicCookies(addresses, context.Request.Host.Host).Rewrite);
    }

    public UpstreamRoot Root => call.Root;

    /// <summary>The public path of the upstream's root, without a trailing slash.</summary>
    public string Prefix => call.PublicPrefix(request.PathBase);

    /// <summary>Finds the public address for an address of the upstream.</summary>
    public string Find(string reference)
    {
        if (reference is ['/', not ('/' or '\\'), ..] or ['/'])
            return FindPath(reference);
        if (reference.StartsWith("//", StringComparison.Ordinal))
            return FindAbsolute(reference, "http:" + reference, AuthorityEnd(reference, 2), "//");
        var end = reference.AsSpan().IndexOfAny(":/?#");
        if (end < 0 || reference[end] != ':')
            return FindRelative(reference);
        var isWeb = reference.AsSpan(end).StartsWith("://", StringComparison.Ordinal) && reference.AsSpan(0, end) is "http" or "https" or "HTTP" or "HTTPS";
        return isWeb ? FindAbsolute(reference, reference, AuthorityEnd(reference, end + 3), request.Scheme + "://") : reference;
    }

    /// <summary>Finds the public path for a path at the upstream.</summary>
    public string FindPath(string path) => TryFindPath(HasDots(path) ? Resolve(path) : path) ?? path;

    /// <summary>Whether the path is already public, of this module or another.</summary>
    public bool IsPublic(string path) =>
        UpstreamRoot.IsBelow(path, Prefix) || (Root.Path.Length == 0 && UpstreamRoot.IsBelow(path, UpstreamCall.PublicRoot(request.PathBase)));

    /// <returns>Null if the path isn't below the upstream's root.</returns>
    private string? TryFindPath(string path) =>
        IsPublic(path) ? path
        : Root.Path.Length == 0 ? Prefix + path
        : UpstreamRoot.IsBelow(path, Root.Path) ? Prefix + path[Root.Path.Length..]
        : null;

    /// <param name="start">The beginning of the public address, before the host.</param>
    private string FindAbsolute(string reference, string absolute, int pathStart, string start)
    {
        if (!Uri.TryCreate(absolute, UriKind.Absolute, out var address))
            return reference;
        var path = reference[pathStart..];
        if (!path.StartsWith('/'))
            path = "/" + path;
        var found = call.RootAt(address) is { } root ? new PublicAddresses(request, call.At(root), sentTo).FindPath(path)
            : IsPortal(address) ? FindPath(path)
            : null;
        return found is null ? reference : request.Host.HasValue ? start + request.Host.Value + found : found;
    }

    private bool IsPortal(Uri address)
    {
        var isDefaultPort = request.Host.Port is null or 80 or 443;
        return request.Host.HasValue && UpstreamRoot.Names(address, request.Host.Host, request.Host.Port ?? -1, isDefaultPort);
    }

    /// <summary>A relative reference leads to the same place for the client, with two exceptions: one that climbs above the upstream's root, and the
    /// root itself, whose public path has no trailing slash.</summary>
    private string FindRelative(string reference) =>
        reference is [] or ['?' or '#', ..] || !(HasDots(reference) || call.IsForRoot) ? reference : TryFindPath(Resolve(reference)) ?? reference;

    private string Resolve(string reference) =>
        Uri.TryCreate(new Uri(sentTo.OriginalString), reference, out var address) ? address.GetComponents(UriComponents.PathAndQuery | UriComponents.Fragment, UriFormat.UriEscaped) : reference;

    private static bool HasDots(string reference) =>
        reference.Contains("..", StringComparison.Ordinal) || reference.Contains("%2e", StringComparison.OrdinalIgnoreCase);

    private static int AuthorityEnd(string reference, int start) =>
        reference.AsSpan(start).IndexOfAny('/', '?', '#') is >= 0 and var end ? start + end : reference.Length;

    /// <summary>Converts the parts in angle brackets outside quotes: <c>&lt;/agreements?page=2&gt;; rel="next", …</c>.</summary>
    private string InLink(string link)
    {
        var (quoted, written) = (false, new StringBuilder(link.Length + 64));
        for (var i = 0; i < link.Length; i++)
        {
            written.Append(link[i]);
            if (link[i] == '"')
                quoted = !quoted;
            if (quoted || link[i] != '<' || link.IndexOf('>', i) is not (> 0 and var end))
                continue;
            written.Append(Find(link[(i + 1)..end].Trim()));
            i = end - 1;
        }

        return written.ToString();
    }

    /// <summary>Converts the address in <c>5; url=/agreements</c>.</summary>
    private string InRefresh(string refresh)
    {
        var start = refresh.IndexOf("url=", StringComparison.OrdinalIgnoreCase);
        if (start < 0)
            return refresh;
        var address = refresh[(start + 4)..].Trim().Trim('"', '\'');
        return refresh[..(start + 4)] + Find(address);
    }

    private static StringValues Each(StringValues values, Func<string, string> change) =>
        values.Count == 1 ? change(values.ToString()) : values.Select(value => change(value ?? "")).ToArray();
}
