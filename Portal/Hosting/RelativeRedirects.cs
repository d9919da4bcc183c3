namespace Portal.Hosting;

/// <summary>Makes redirects within Portal relative, so that they don't depend on the <c>Host</c> header, wherever it comes from.</summary>
internal static class RelativeRedirects
{
    public static void UseRelativeRedirects(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        context.Response.OnStarting(MakeRelative, context);
        return next(context);
    });

    /// <returns>The path and query of an address of <paramref name="host"/>; any other address unchanged. A path never begins with two slashes, which
    /// would be read as another host.</returns>
    internal static string Relative(string location, HostString host)
    {
        if (location is ['/' or '\\', '/' or '\\', ..])
            return "/" + location.TrimStart('/', '\\');
        if (!Uri.TryCreate(location, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || !IsOf(address, host))
            return location;
        return "/" + (address.PathAndQuery + address.Fragment).TrimStart('/', '\\');
    }

    private static bool IsOf(Uri address, HostString host) =>
        string.Equals(address.IdnHost, host.Host.Trim('[', ']'), StringComparison.OrdinalIgnoreCase)
        && (host.Port ?? (address.IsDefaultPort ? address.Port : -1)) == address.Port;

    private static Task MakeRelative(object state)
    {
        var context = (HttpContext)state;
        if (context.Response.Headers.Location is [{ Length: > 0 } location])
            context.Response.Headers.Location = Relative(location, context.Request.Host);
        return Task.CompletedTask;
    }
}
