using System.Net;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Portal.Authentication;
using Portal.Catalog;

namespace Portal.Gateway.ForwardAuth;

/// <summary>The request that a proxy asks about.</summary>
/// <param name="Method">For the record only; no decision depends on it.</param>
/// <param name="Path">For messages and the record, without the query.</param>
internal readonly record struct OriginalRequest(string Method, PathString Path, PathOwner Owner, IPAddress Address);

/// <summary>Reads the original request from a proxy's request.</summary>
/// <remarks>The path is read as for requests through Portal: it belongs to no module if an upstream could read it as another path.</remarks>
internal sealed class OriginalRequestReader(IOptions<ForwardAuthOptions> options, PathOwners owners, ForwardAuthClients clients)
{
    private const int LongestMethod = 32, LongestPathInWords = 200;

    private readonly string _basePath = options.Value.BasePath;

    /// <param name="rest">The part of the request's own path after the style's name.</param>
    /// <returns>Null if it could be read; otherwise the error, for the proxy's operator.</returns>
    public string? TryRead(HttpRequest question, ProxyStyle style, string rest, out OriginalRequest original)
    {
        original = default;
        var method = question.Method;
        if (style.MethodHeader is { } methodHeader && FaultOfOne(question, methodHeader, out method) is { } faultOfMethod)
            return faultOfMethod;
        if (method.Length > LongestMethod || !method.All(character => char.IsAsciiLetter(character) || character == '-'))
            return $"the original method in {style.MethodHeader ?? "the request line"} is not a valid method";
        var uri = rest;
        if (style.UriHeader is { } uriHeader && FaultOfOne(question, uriHeader, out uri) is { } faultOfUri)
            return faultOfUri;
        if (!uri.StartsWith('/'))
            return $"the original URI {PlaceOfUri(style)} must start with /";
        if (FaultOfAddress(question, style.AddressHeader, out var address) is { } faultOfAddress)
            return faultOfAddress;
        var path = uri.AsSpan(0, uri.IndexOf('?') is >= 0 and var query ? query : uri.Length);
        original = new OriginalRequest(method, InWords(path), OwnerOf(uri), address!);
        return null;
    }

    private static string PlaceOfUri(ProxyStyle style) => style.UriHeader is { } header ? $"in {header}" : $"behind {ProxyStyle.Endpoint}/{style.Name}";

    private PathOwner OwnerOf(string uri)
    {
        var target = RequestTarget.Parse(uri, _basePath, owners);
        return target.Length <= ServerLimits.LongestApiTarget && target.IsWellFormed ? target.Owner : PathOwner.Nobody;
    }

    private static PathString InWords(ReadOnlySpan<char> path) =>
        new(path.Length <= LongestPathInWords ? path.ToString() : $"{path[..LongestPathInWords]}...");

    /// <summary>Reads a header that must occur once. Two mean that the proxy has added its own to one that it received.</summary>
    private static string? FaultOfOne(HttpRequest question, string name, out string value)
    {
        var values = question.Headers[name];
        value = values is [{ Length: > 0 } only] ? only : "";
        return value.Length > 0 ? null : values.Count > 1 ? $"the header {name} occurs {values.Count} times" : $"the header {name} is missing";
    }

    private string? FaultOfAddress(HttpRequest question, string name, out IPAddress? address)
    {
        address = null;
        if (name != ProxyStyle.ForwardedFor)
        {
            if (FaultOfOne(question, name, out var one) is { } fault)
                return fault;
            address = Parse(one);
        }
        else if (question.Headers[name] is { Count: > 0 } chain)
            address = ClientOf(chain);
        else
            return $"the header {name} is missing";
        return address is null ? $"{name} contains no valid address of the client" : null;
    }

    /// <summary>Finds the rightmost address that isn't a proxy's. The client may have made up anything further left.</summary>
    /// <returns>Null if an entry up to there can't be parsed.</returns>
    private IPAddress? ClientOf(StringValues chain)
    {
        IPAddress? address = null;
        for (var i = chain.Count - 1; i >= 0; i--)
            for (var rest = chain[i].AsSpan(); ;)
            {
                var comma = rest.LastIndexOf(',');
                address = Parse(rest[(comma + 1)..]);
                if (address is null || !clients.IsProxy(address))
                    return address;
                if (comma < 0)
                    break;
                rest = rest[..comma];
            }

        return address;
    }

    /// <summary>Parses an address with or without a port.</summary>
    private static IPAddress? Parse(ReadOnlySpan<char> text) => IPEndPoint.TryParse(text.Trim(), out var end) ? end.Address : null;
}
