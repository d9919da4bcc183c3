using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Portal.Authentication;

/// <summary>How long the part of an address after the host may be.</summary>
internal static class RequestTarget
{
    /// <summary>In characters as sent, path and query together: what upstreams' web servers commonly take as well, so that
    /// none is sent more.</summary>
    public const int Longest = 8192;

    /// <summary>Of the first line in bytes, what the web server reads at all. Beyond <see cref="Longest"/> only to refuse it in
    /// the words that a program expects; what is longer still gets the web server's bare 414.</summary>
    private const int LongestRead = (1 << 20) + Longest;

    /// <remarks>A line is held whole until it is read. The web server's own default holds as much of a body that nobody reads
    /// yet, so that a connection that means harm costs no more than before.</remarks>
    public static void Configure(KestrelServerOptions kestrel)
    {
        kestrel.Limits.MaxRequestBufferSize = LongestRead;
        kestrel.Limits.MaxRequestLineSize = LongestRead;
    }

    public static int LengthOf(HttpContext context) => context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Length;
}
