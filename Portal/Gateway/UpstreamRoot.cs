namespace Portal.Gateway;

/// <summary>The root of an upstream: what its destination's address names.</summary>
internal sealed class UpstreamRoot
{
    private readonly bool _isDefaultPort;

    /// <param name="destination">An absolute address without a slash at the end.</param>
    public UpstreamRoot(string destination)
    {
        var address = new Uri(destination);
        (Destination, Host, Port, _isDefaultPort) = (destination, address.Host, address.Port, address.IsDefaultPort);
        Path = address.AbsolutePath.TrimEnd('/');
    }

    public string Destination { get; }
    public string Host { get; }
    public int Port { get; }

    /// <summary>Empty, or a path without a slash at the end.</summary>
    public string Path { get; }

    /// <summary>Whether the address leads to the upstream's server. An upstream behind a proxy that ends TLS may name another
    /// scheme than the destination does.</summary>
    public bool IsAt(Uri address) => Names(address, Host, Port, _isDefaultPort);

    /// <inheritdoc cref="IsAt"/>
    public static bool Names(Uri address, string host, int port, bool isDefaultPort) =>
        address.Host.Equals(host, StringComparison.OrdinalIgnoreCase) && (address.Port == port || (address.IsDefaultPort && isDefaultPort));

    /// <summary>Whether a path is the other one or below it.</summary>
    /// <param name="path">What follows it, like a query, may stand behind it.</param>
    /// <param name="root">Without a slash at the end.</param>
    public static bool IsBelow(ReadOnlySpan<char> path, string root) =>
        path.StartsWith(root, StringComparison.Ordinal) && (path.Length == root.Length || path[root.Length] is '/' or '?' or '#');
}
