using System.Buffers;
using Portal.Authentication;
using Portal.Catalog;

namespace Portal.Gateway;

/// <summary>The part of a request's target that the upstream gets, exactly as the client wrote it: encoded characters in an ID stay
/// encoded.</summary>
/// <param name="target">A target with an owner.</param>
internal readonly struct UpstreamPath(in RequestTarget target, PathPrefixRule rule)
{
    private static readonly SearchValues<char> PathEnds = SearchValues.Create("?#");
    private static readonly UriCreationOptions Raw = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly RequestTarget _target = target;

    /// <summary>Whether the request is for the upstream's root itself.</summary>
    public bool IsRoot => Rest is not ['/', ..];

    private ReadOnlySpan<char> Rest => _target.Raw.AsSpan(rule == PathPrefixRule.Kept ? _target.BelowBase : _target.BelowOwner);

    /// <summary>Appends the path to a destination without changing either, and checks that the result is an address that requests for the module may
    /// reach.</summary>
    /// <param name="destination">Without a trailing slash.</param>
    /// <returns>Null if it isn't; the request must not be sent.</returns>
    public Uri? At(string destination)
    {
        if (!_target.Owner.Known || !_target.IsWellFormed)
            return null;
        var address = string.Concat(destination, IsRoot ? "/" : "", Rest);
        return IsBelow(address, destination, rule, _target.Owner.Prefix) ? new Uri(address, Raw) : null;
    }

    /// <summary>Whether an upstream address is below the module's own prefix at the destination, however the address was created.</summary>
    internal static bool IsBelow(string address, string destination, PathPrefixRule rule, string modulePath)
    {
        if (!address.StartsWith(destination, StringComparison.Ordinal))
            return false;
        var path = address.AsSpan(destination.Length);
        if (path.IndexOfAny(PathEnds) is >= 0 and var end)
            path = path[..end];
        if (path is not ['/', ..] || !PathSafety.StaysBelow(path))
            return false;
        // Without a prefix before them, two slashes would begin a host name.
        return rule == PathPrefixRule.Kept ? RequestTarget.MatchPrefix(path, modulePath) > 0 : !PathSafety.BeginsLikeAHost(path);
    }
}
