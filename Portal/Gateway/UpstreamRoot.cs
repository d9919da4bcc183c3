namespace Portal.Gateway;

/// <summary>The root of an upstream, from its destination's address.</summary>
internal sealed class UpstreamRoot
{
    private readonly bool _isDefaultPort;

    /// <param name="destination">An absolute address without a trailing slash.</param>
    public UpstreamRoot(string destination)
    {
        var address = new Uri(destination);
        (Destination, Host, Port, _isDefaultPort) = (destination, address.Host, address.Port, address.IsDefaultPort);
        Path = address.AbsolutePath.TrimEnd('/');
    }

    public string Destination { get; }
    public string Host { get; }
    public int Port { get; }

    /// <summary>Empty, or a path without a trailing slash.</summary>
    public string Path { get; }

    /// <summary>Whether the address leads to the upstream's server. Its scheme may differ from the destination's if a proxy in front of the upstream
    /// terminates TLS.</summary>
    public bool IsAt(Uri address) => Names(address, Host, Port, _isDefaultPort);

    /// <inheritdoc cref="IsAt"/>
    public static bool Names(Uri address, string host, int port, bool isDefaultPort) =>
        address.Host.Equals(host, StringComparison.OrdinalIgnoreCase) && (address.Port == port || (address.IsDefaultPort && isDefaultPort));

    /// <summary>Whether a path equals the root or is below it.</summary>
    /// <param name="path">May be followed by more, such as a query.</param>
    /// <param name="root">Without a trailing slash.</param>
    public static bool IsBelow(ReadOnlySpan<char> path, string root) =>
        path.StartsWith(root, StringComparison.Ordinal) && (path.Length == root.Length || path[root.Length] is '/' or '?' or '#');
}
