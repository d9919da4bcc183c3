using System.Buffers;
using Portal.Authentication;
using Portal.Catalog;

namespace Portal.Gateway;

/// <summary>The part of a request's target that goes to the upstream, exactly as the client wrote it: encoded characters
/// inside an id stay encoded.</summary>
/// <param name="target">With an owner.</param>
internal readonly struct UpstreamPath(in RequestTarget target, PathPrefixRule rule)
{
    private static readonly SearchValues<char> PathEnds = SearchValues.Create("?#");
    private static readonly UriCreationOptions Raw = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly RequestTarget _target = target;

    /// <summary>Whether nothing but the upstream's root is asked for.</summary>
    public bool IsRoot => Rest is not ['/', ..];

    private ReadOnlySpan<char> Rest => _target.Raw.AsSpan(rule == PathPrefixRule.Kept ? _target.BelowBase : _target.BelowOwner);

    /// <summary>Joins it to a destination, changing neither, and checks that the result lies where requests for the module
    /// may go.</summary>
    /// <param name="destination">Without a slash at the end.</param>
    /// <returns>Null: it does not, and must not be sent.</returns>
    public Uri? At(string destination)
    {
        if (!_target.Owner.Known || !_target.IsWellFormed)
            return null;
        var address = string.Concat(destination, IsRoot ? "/" : "", Rest);
        return IsBelow(address, destination, rule, _target.Owner.Prefix) ? new Uri(address, Raw) : null;
    }

    /// <summary>Whether an upstream address is below the module's own prefix at the destination. Knows nothing of how the
    /// address came about.</summary>
    internal static bool IsBelow(string address, string destination, PathPrefixRule rule, string modulePath)
    {
        if (!address.StartsWith(destination, StringComparison.Ordinal))
            return false;
        var path = address.AsSpan(destination.Length);
        if (path.IndexOfAny(PathEnds) is >= 0 and var end)
            path = path[..end];
        if (path is not ['/', ..] || !PathSafety.StaysBelow(path))
            return false;
        // Without a prefix before them, two slashes would begin the name of a host.
        return rule == PathPrefixRule.Kept ? RequestTarget.MatchPrefix(path, modulePath) > 0 : !PathSafety.BeginsLikeAHost(path);
    }
}
