using System.Buffers;
using Portal.Catalog;

namespace Portal.Gateway;

/// <summary>Finds the part of a request's target that goes to the upstream, exactly as the client wrote it.</summary>
/// <remarks>Routing looks at the decoded path, upstreams get the raw one: encoded characters inside an id stay encoded. What
/// some upstream could read differently from Portal is refused here, or a token could reach the path of another module.</remarks>
internal static class UpstreamPath
{
    /// <summary>Segments of the API's base path, <c>/public/v1</c>.</summary>
    private const int BaseSegments = 2;

    /// <summary>What a target is made of: visible ASCII, and no fragment.</summary>
    private static readonly SearchValues<char> TargetCharacters =
        SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Select(code => (char)code).Where(character => character != '#')]);

    /// <summary>How many segments of a path below the module's path prefix are not sent.</summary>
    public static int SegmentsToLeaveOut(PathPrefixRule rule, string modulePath) =>
        rule == PathPrefixRule.Kept ? BaseSegments : BaseSegments + modulePath.AsSpan().Count('/');

    /// <summary>Where in the target the part begins that goes to the upstream, query included.</summary>
    /// <param name="target">As it came over the wire, below the prefix: a path, or an absolute address.</param>
    /// <param name="segments">From <see cref="SegmentsToLeaveOut"/>.</param>
    /// <returns>-1: the target must not be passed on.</returns>
    public static int Find(string target, int segments)
    {
        var start = PathStart(target);
        if (start < 0 || target.AsSpan().ContainsAnyExcept(TargetCharacters))
            return -1;
        var query = target.IndexOf('?', start);
        var path = target.AsSpan(start..(query < 0 ? target.Length : query));
        if (!PathSafety.StaysBelow(path))
            return -1;
        var rest = SkipSegments(path, segments);
        // Without a prefix before them, two slashes would begin the name of a host.
        return segments > BaseSegments && PathSafety.BeginsLikeAHost(path[rest..]) ? -1 : start + rest;
    }

    /// <summary>Joins a destination and what <see cref="Find"/> found, changing neither.</summary>
    public static Uri Join(string destination, string target, int start)
    {
        var rest = target.AsSpan(start);
        var slash = rest is ['/', ..] ? "" : "/";
        return new Uri(string.Concat(destination, slash, rest), Raw);
    }

    private static readonly UriCreationOptions Raw = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private static int PathStart(string target)
    {
        if (target.StartsWith('/'))
            return 0;
        var host = target.IndexOf("://", StringComparison.Ordinal);
        return host < 0 ? -1 : target.IndexOf('/', host + 3);
    }

    private static int SkipSegments(ReadOnlySpan<char> path, int segments)
    {
        var place = 0;
        for (var i = 0; i < segments && place < path.Length; i++)
            place = path[(place + 1)..].IndexOf('/') is >= 0 and var next ? place + 1 + next : path.Length;
        return place;
    }
}
