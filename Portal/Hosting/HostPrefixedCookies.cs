using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Portal.Hosting;

/// <summary>Gives every cookie of Portal's pages the prefix <c>__Host-</c> if the page is loaded over HTTPS, and accepts no others then (RFC 6265bis,
/// 4.1.3.2).</summary>
/// <remarks>A browser accepts a cookie with this prefix only from the host itself, over HTTPS and for the path <c>/</c>. Another server of the same
/// domain, or an attacker between the browser and a plain HTTP page, can't set one. After this middleware, all names are without the
/// prefix.</remarks>
internal static class HostPrefixedCookies
{
    public const string Prefix = "__Host-";

    /// <summary>Call it before any middleware that reads or writes cookies, and after the scheme is known.</summary>
    public static void UseHostPrefixedCookies(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (!context.Request.IsHttps)
            return next(context);
        context.Request.Headers.Cookie = WithoutPrefix(context.Request.Headers.Cookie);
        context.Response.OnStarting(AddPrefix, context.Response);
        return next(context);
    });

    /// <summary>Returns the cookies that have the prefix, without it.</summary>
    internal static StringValues WithoutPrefix(StringValues cookies) => string.Join("; ", cookies
        .SelectMany(header => (header ?? "").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        .Where(cookie => cookie.StartsWith(Prefix, StringComparison.Ordinal))
        .Select(cookie => cookie[Prefix.Length..])) is { Length: > 0 } own ? own : StringValues.Empty;

    private static Task AddPrefix(object state)
    {
        var headers = ((HttpResponse)state).Headers;
        if (headers.SetCookie.Count > 0)
            headers.SetCookie = headers.SetCookie.Select(WithPrefix).ToArray();
        return Task.CompletedTask;
    }

    private static string? WithPrefix(string? cookie)
    {
        if (!SetCookieHeaderValue.TryParse(cookie, out var value) || value.Name.StartsWith(Prefix, StringComparison.Ordinal))
            return cookie;
        (value.Name, value.Path, value.Domain, value.Secure) = (Prefix + value.Name, "/", StringSegment.Empty, true);
        return value.ToString();
    }
}
