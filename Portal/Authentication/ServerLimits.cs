using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Primitives;

namespace Portal.Authentication;

/// <summary>Limits the length of requests.</summary>
/// <remarks>If a request exceeds the web server's limits, the server refuses it without a body. It therefore reads more than Portal accepts, so that
/// programs get the API's error format.</remarks>
internal static class ServerLimits
{
    /// <summary>The maximum length of path and query of an API request, in characters as sent. Most upstreams' web servers accept this
    /// much.</summary>
    public const int LongestApiTarget = 8 * 1024;

    /// <summary>The maximum length of the first line of any other request, in characters.</summary>
    public const int LongestPageRequestLine = 64 * 1024;

    /// <summary>The maximum length of all headers together as HTTP/1.1 writes them, in characters.</summary>
    public const int LongestHeaders = 32 * 1024;

    public const int MostHeaders = 100;

    /// <summary>Longer request lines get the web server's own 414, without a body.</summary>
    private const int LongestLineRead = (1 << 20) + LongestApiTarget;

    /// <summary>Larger headers get the web server's own 431, without a body.</summary>
    private const int LongestHeadersRead = 128 * 1024;

    private const int MostHeadersRead = 500;

    public static bool IsTooLongForAPage(string method, in RequestTarget target) =>
        method.Length + target.Length + " HTTP/1.1 ".Length > LongestPageRequestLine;

    /// <remarks>A line is held in memory until it is complete. The default for an unread body is a megabyte too, so a hostile connection costs no
    /// more than before.</remarks>
    public static void Configure(KestrelServerOptions kestrel)
    {
        kestrel.Limits.MaxRequestBufferSize = LongestLineRead;
        kestrel.Limits.MaxRequestLineSize = LongestLineRead;
        kestrel.Limits.MaxRequestHeadersTotalSize = LongestHeadersRead;
        kestrel.Limits.MaxRequestHeaderCount = MostHeadersRead;
        kestrel.Limits.Http2.MaxRequestHeaderFieldSize = LongestHeadersRead;
    }
}

/// <summary>The number of a request's headers, and their total length as HTTP/1.1 writes them.</summary>
internal readonly record struct HeaderSize(int Count, int Length)
{
    /// <summary>The characters of a header line besides name and value: a colon, a space and the line ending.</summary>
    private const int LineOverhead = 4;

    [ThreadStatic]
    private static KeyValuePair<string, StringValues>[]? _headers;

    public bool IsTooLarge => Count > ServerLimits.MostHeaders || Length > ServerLimits.LongestHeaders;

    /// <remarks>Copies the headers because an enumerator would be allocated.</remarks>
    public static HeaderSize Of(IHeaderDictionary headers)
    {
        var count = headers.Count;
        if (count > ServerLimits.MostHeaders)
            return new HeaderSize(count, 0);
        var copy = _headers ??= new KeyValuePair<string, StringValues>[ServerLimits.MostHeaders];
        headers.CopyTo(copy, 0);
        var size = Sum(copy.AsSpan(0, count));
        Array.Clear(copy, 0, count);
        return size;
    }

    private static HeaderSize Sum(ReadOnlySpan<KeyValuePair<string, StringValues>> headers)
    {
        var (count, length) = (0, 0);
        foreach (var (name, values) in headers)
            for (var i = 0; i < values.Count; i++)
                (count, length) = (count + 1, length + name.Length + (values[i]?.Length ?? 0) + LineOverhead);
        return new HeaderSize(count, length);
    }
}
