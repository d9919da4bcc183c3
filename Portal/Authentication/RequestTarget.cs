using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Portal.Catalog;

namespace Portal.Authentication;

/// <summary>The forms of a request target (RFC 9112, section 3.2).</summary>
internal enum TargetForm
{
    /// <summary><c>/public/v1/agreements?limit=1</c>.</summary>
    Origin,

    /// <summary><c>http://portal.example.com/public/v1/agreements</c>.</summary>
    Absolute,

    /// <summary><c>portal.example.com:443</c>, of a CONNECT request.</summary>
    Authority,

    /// <summary><c>*</c>, of an OPTIONS request for the server as a whole.</summary>
    Asterisk,
}

/// <summary>A request target, read once from its bytes. Both the module that is checked and the address that is sent to the upstream come from this
/// reading.</summary>
/// <param name="Raw">The target as received.</param>
/// <param name="IsApi">Whether it is or could be below the API's base path.</param>
/// <param name="Owner">The owner of the path. A path that servers could interpret differently has none.</param>
/// <param name="BelowBase">The index in <paramref name="Raw"/> of the part after the base path.</param>
/// <param name="BelowOwner">The index in <paramref name="Raw"/> of the part after the owner's prefix.</param>
internal readonly record struct RequestTarget(string Raw, TargetForm Form, bool IsApi, PathOwner Owner, int BelowBase, int BelowOwner)
{
    /// <summary>Visible ASCII characters. Clients never send a fragment.</summary>
    private static readonly SearchValues<char> TargetCharacters =
        SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Select(code => (char)code).Where(character => character != '#')]);

    /// <summary>The length of path and query in characters, as sent.</summary>
    public int Length => Raw.Length;

    /// <summary>Whether path and query consist of characters that HTTP can carry.</summary>
    public bool IsWellFormed => !Raw.AsSpan().ContainsAnyExcept(TargetCharacters);

    /// <summary>Reads the target of a request. If the web server's own reading of the path leads elsewhere, the path has no owner.</summary>
    public static RequestTarget Read(HttpContext context, PathOwners owners)
    {
        var raw = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var (form, path) = Split(raw);
        var request = context.Request;
        var served = request.Path.Value ?? "";
        // If Portal has a path base, the server has removed it from its own reading.
        if (request.PathBase.HasValue && MatchPrefix(raw.AsSpan(path), request.PathBase.Value) is > 0 and var mount && !Agrees(raw.AsSpan(path), served))
            path = (path.Start.Value + mount)..path.End;
        var target = Parse(raw, form, path, ApiKeyMiddleware.BasePath, owners);
        // In nearly all cases, the two readings are the same text.
        if (raw.AsSpan(path).SequenceEqual(served))
            return target;
        var routed = request.Path.StartsWithSegments(ApiKeyMiddleware.BasePath, StringComparison.OrdinalIgnoreCase);
        if (!target.IsApi && !routed)
            return target;
        return target.IsApi && routed && (!target.Owner.Known || Agrees(raw.AsSpan(path), served))
            ? target
            : target with { IsApi = true, Owner = PathOwner.Nobody };
    }

    /// <summary>Reads a target that the web server hasn't read.</summary>
    /// <param name="basePath">The path before the modules' paths; may be empty.</param>
    public static RequestTarget Parse(string raw, string basePath, PathOwners owners)
    {
        var (form, path) = Split(raw);
        return Parse(raw, form, path, basePath, owners);
    }

    /// <summary>Compares the beginning of a path with a prefix. Ignores case and unnecessary percent-encoding (RFC 3986, section 6.2.2). An encoded
    /// slash doesn't count as a slash.</summary>
    /// <param name="prefix">Contains only slashes and characters that need no encoding, and doesn't end with a slash.</param>
    /// <returns>The length of the prefix as written in the path; -1 if the path isn't below the prefix.</returns>
    public static int MatchPrefix(ReadOnlySpan<char> path, ReadOnlySpan<char> prefix)
    {
        if (path.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            return EndsSegment(path, prefix.Length);
        var place = 0;
        foreach (var expected in prefix)
        {
            if (place == path.Length)
                return -1;
            place += ReadUnreserved(path[place..], out var character);
            if (character != expected && !(char.IsAsciiLetter(character) && (character ^ expected) == ' '))
                return -1;
        }

        return EndsSegment(path, place);
    }

    private static int EndsSegment(ReadOnlySpan<char> path, int place) => place == path.Length || path[place] == '/' ? place : -1;

    private static RequestTarget Parse(string raw, TargetForm form, Range pathRange, string basePath, PathOwners owners)
    {
        var path = raw.AsSpan(pathRange);
        if (path.IsEmpty || MatchPrefix(path, basePath) is not (>= 0 and var below))
            return new RequestTarget(raw, form, IsApi: false, PathOwner.Nobody, 0, 0);
        var start = pathRange.Start.Value + below;
        var (owner, length) = IsUnambiguous(path) ? FindOwner(path[below..], owners) : (PathOwner.Nobody, 0);
        return new RequestTarget(raw, form, IsApi: true, owner, start, start + length);
    }

    /// <returns>The owner, and the length of its prefix as written in the path.</returns>
    private static (PathOwner Owner, int Length) FindOwner(ReadOnlySpan<char> path, PathOwners owners)
    {
        var owner = owners.Find(path);
        if (!owner.Known && path.Contains('%'))
            owner = owners.Find(DecodeUnreserved(path));
        return owner.Known && MatchPrefix(path, owner.Prefix) is >= 0 and var length ? (owner, length) : (PathOwner.Nobody, 0);
    }

    private static bool IsUnambiguous(ReadOnlySpan<char> path) =>
        !path.ContainsAnyExcept(TargetCharacters) && PathSafety.StaysBelow(path);

    /// <summary>Whether the web server, which routes by its own reading of the path, reads the same path.</summary>
    private static bool Agrees(ReadOnlySpan<char> path, string served) =>
        path.SequenceEqual(served) || (path.Contains('%') && PathString.FromUriComponent(path.ToString()).Value == served);

    private static (TargetForm Form, Range Path) Split(string raw)
    {
        if (raw is "*")
            return (TargetForm.Asterisk, 0..0);
        var start = 0;
        if (!raw.StartsWith('/'))
        {
            if (AuthorityStart(raw) is not (> 0 and var authority))
                return (TargetForm.Authority, 0..0);
            // Other characters may end the host for some parsers, but only a slash begins a path for all of them.
            var end = raw.AsSpan(authority).IndexOfAny("/\\?#@");
            if (end < 0 || raw[authority + end] != '/')
                return (TargetForm.Absolute, 0..0);
            start = authority + end;
        }

        var length = raw.AsSpan(start).IndexOf('?');
        return (start == 0 ? TargetForm.Origin : TargetForm.Absolute, start..(length < 0 ? raw.Length : start + length));
    }

    private static int AuthorityStart(string raw) =>
        raw.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? "http://".Length
        : raw.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? "https://".Length
        : 0;

    private static int ReadUnreserved(ReadOnlySpan<char> path, out char character)
    {
        character = path[0];
        if (character != '%' || path.Length < 3 || !char.IsAsciiHexDigit(path[1]) || !char.IsAsciiHexDigit(path[2]))
            return 1;
        var decoded = (char)Convert.FromHexString(path[1..3])[0];
        if (!char.IsAsciiLetterOrDigit(decoded) && decoded is not ('-' or '.' or '_' or '~'))
            return 1;
        character = decoded;
        return 3;
    }

    private static string DecodeUnreserved(ReadOnlySpan<char> path)
    {
        var decoded = new StringBuilder(path.Length);
        for (var i = 0; i < path.Length;)
        {
            i += ReadUnreserved(path[i..], out var character);
            decoded.Append(character);
        }

        return decoded.ToString();
    }
}
