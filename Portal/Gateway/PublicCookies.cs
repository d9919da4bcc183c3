namespace Portal.Gateway;

/// <summary>Changes an upstream's cookies so that clients send them back to it: adds the prefix that Portal removed to their path, and drops a domain
/// that only matches the upstream's host, because clients would reject the cookie.</summary>
/// <param name="publicHost">The host name by which the client knows Portal.</param>
internal sealed class PublicCookies(PublicAddresses addresses, string publicHost)
{
    private readonly PublicAddresses _addresses = addresses;

    /// <param name="cookie">The value of a <c>Set-Cookie</c> header.</param>
    public string Rewrite(string cookie)
    {
        // Its path must be the root, or clients reject it.
        if (cookie.AsSpan().TrimStart().StartsWith("__Host-", StringComparison.OrdinalIgnoreCase) || !cookie.Contains(';', StringComparison.Ordinal))
            return cookie;
        var parts = cookie.Split(';');
        return string.Join(';', parts.Take(1).Concat(parts.Skip(1).Select(Change).OfType<string>()));
    }

    /// <returns>Null if the attribute must be dropped.</returns>
    private string? Change(string attribute)
    {
        var equals = attribute.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0)
            return attribute;
        var value = attribute[(equals + 1)..].Trim();
        return attribute.AsSpan(0, equals).Trim() switch
        {
            var name when name.Equals("Path", StringComparison.OrdinalIgnoreCase) => attribute[..(equals + 1)] + FindPath(value),
            var name when name.Equals("Domain", StringComparison.OrdinalIgnoreCase) && IsForUpstreamOnly(value.TrimStart('.')) => null,
            _ => attribute,
        };
    }

    private string FindPath(string path)
    {
        var root = _addresses.Root.Path;
        if (!path.StartsWith('/') || _addresses.IsPublic(path))
            return path;
        var coversRoot = path == "/" || (root.Length > 0 && UpstreamRoot.IsBelow(root, path.TrimEnd('/')));
        return coversRoot ? _addresses.Prefix : _addresses.FindPath(path);
    }

    private bool IsForUpstreamOnly(string domain) => IsWithin(_addresses.Root.Host, domain) && !IsWithin(publicHost, domain);

    private static bool IsWithin(string host, string domain) =>
        host.Equals(domain, StringComparison.OrdinalIgnoreCase)
        || (host.Length > domain.Length && host[^(domain.Length + 1)] == '.' && host.EndsWith(domain, StringComparison.OrdinalIgnoreCase));
}
