using System.Net;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Portal.Authentication;
using Portal.Catalog;

namespace Portal.Gateway.ForwardAuth;

/// <summary>The request that a proxy asks about.</summary>
/// <param name="Method">Nothing is decided by it; it is noted.</param>
/// <param name="Path">For words, and to be noted, without the query.</param>
internal readonly record struct OriginalRequest(string Method, PathString Path, PathOwner Owner, IPAddress Address);

/// <summary>Reads a proxy's question.</summary>
/// <remarks>The path is read as for requests through Portal: it belongs to no module if an upstream could read it as another path.</remarks>
internal sealed class OriginalRequestReader(IOptions<ForwardAuthOptions> options, PathOwners owners, ForwardAuthClients clients)
{
    private const int LongestMethod = 32, LongestPathInWords = 200;

    private readonly string _basePath = options.Value.BasePath;

    /// <param name="rest">What followed the style's name in the question's own address.</param>
    /// <returns>Null: understood. Else what is wrong, for the proxy's operator.</returns>
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

    /// <summary>Two headers of a name mean that the proxy has added its own to one that it was sent.</summary>
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

    /// <summary>From the right, the first one that is not a proxy's: what stands left of it, the client may have made up.</summary>
    /// <returns>Null: an entry on the way cannot be read.</returns>
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

    /// <summary>With or without a port.</summary>
    private static IPAddress? Parse(ReadOnlySpan<char> text) => IPEndPoint.TryParse(text.Trim(), out var end) ? end.Address : null;
}
