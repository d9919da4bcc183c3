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

/// <summary>What a request asks for, read once from the bytes of its target. Which module is judged, and what the upstream is
/// sent, both come from this reading.</summary>
/// <param name="Raw">The target as it came over the wire.</param>
/// <param name="IsApi">Whether it is below the API's base path, or could be.</param>
/// <param name="Owner">Nobody, too, when servers could disagree about the path.</param>
/// <param name="BelowBase">Where in <paramref name="Raw"/> the part begins that follows the base path.</param>
/// <param name="BelowOwner">Where in <paramref name="Raw"/> the part begins that follows the owner's prefix.</param>
internal readonly record struct RequestTarget(string Raw, TargetForm Form, bool IsApi, PathOwner Owner, int BelowBase, int BelowOwner)
{
    /// <summary>Visible ASCII. A fragment is never sent.</summary>
    private static readonly SearchValues<char> TargetCharacters =
        SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Select(code => (char)code).Where(character => character != '#')]);

    /// <summary>In characters as sent, path and query together.</summary>
    public int Length => Raw.Length;

    /// <summary>Whether path and query consist of characters that HTTP can carry.</summary>
    public bool IsWellFormed => !Raw.AsSpan().ContainsAnyExcept(TargetCharacters);

    /// <summary>Reads the target of a request. Where the web server's own reading of the path leads elsewhere, nobody owns it.</summary>
    public static RequestTarget Read(HttpContext context, PathOwners owners)
    {
        var raw = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var (form, path) = Split(raw);
        var request = context.Request;
        var served = request.Path.Value ?? "";
        // Mounted below a path, the server has taken that off its own reading.
        if (request.PathBase.HasValue && MatchPrefix(raw.AsSpan(path), request.PathBase.Value) is > 0 and var mount && !Agrees(raw.AsSpan(path), served))
            path = (path.Start.Value + mount)..path.End;
        var target = Parse(raw, form, path, ApiKeyMiddleware.BasePath, owners);
        // Nearly always, the two readings are the same text.
        if (raw.AsSpan(path).SequenceEqual(served))
            return target;
        var routed = request.Path.StartsWithSegments(ApiKeyMiddleware.BasePath, StringComparison.OrdinalIgnoreCase);
        if (!target.IsApi && !routed)
            return target;
        return target.IsApi && routed && (!target.Owner.Known || Agrees(raw.AsSpan(path), served))
            ? target
            : target with { IsApi = true, Owner = PathOwner.Nobody };
    }

    /// <summary>Reads a target that nobody else has read.</summary>
    /// <param name="basePath">What stands before the modules' paths; empty: nothing.</param>
    public static RequestTarget Parse(string raw, string basePath, PathOwners owners)
    {
        var (form, path) = Split(raw);
        return Parse(raw, form, path, basePath, owners);
    }

    /// <summary>Compares the beginning of a path with a prefix, ignoring case and needless percent-encoding (RFC 3986, section
    /// 6.2.2). Encoded slashes are no slashes.</summary>
    /// <param name="prefix">Of the characters that need no encoding, and slashes; no slash at the end.</param>
    /// <returns>The length of the prefix as the path writes it; -1: the path is not below the prefix.</returns>
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

    /// <returns>The owner, and the length of its prefix as the path writes it.</returns>
    private static (PathOwner Owner, int Length) FindOwner(ReadOnlySpan<char> path, PathOwners owners)
    {
        var owner = owners.Find(path);
        if (!owner.Known && path.Contains('%'))
            owner = owners.Find(DecodeUnreserved(path));
        return owner.Known && MatchPrefix(path, owner.Prefix) is >= 0 and var length ? (owner, length) : (PathOwner.Nobody, 0);
    }

    private static bool IsUnambiguous(ReadOnlySpan<char> path) =>
        !path.ContainsAnyExcept(TargetCharacters) && PathSafety.StaysBelow(path);

    /// <summary>Whether the web server, which routes by its own reading of the path, reads the same.</summary>
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
            // Whatever else ends a host for some reader, only a slash begins a path for all.
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
