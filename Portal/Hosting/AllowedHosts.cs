using Microsoft.Extensions.Primitives;
using Portal.Authentication;
using Portal.Gateway.Assertions;
using Portal.Wire;

namespace Portal.Hosting;

/// <summary>Serves people and programs only under the host names in the setting <c>AllowedHosts</c>.</summary>
/// <remarks>Replaces the framework's filter, which runs before everything else: that one also refuses load balancers, monitors and upstreams, which
/// use the IP address, and sends programs a page.</remarks>
internal sealed class AllowedHosts
{
    internal const string SettingName = "AllowedHosts";

    /// <summary>Paths that machines request by Portal's IP address. They answer for every host name.</summary>
    private static readonly PathString[] ForMachines = ["/health", PrometheusEndpoint.Path, JwksEndpoint.Path];

    private static readonly Refusal Refused = new(
        StatusCodes.Status400BadRequest, ErrorCodes.Invalid,
        "Portal does not serve the host name of this request. Check the address. Portal's operator configures the host names in AllowedHosts.");

    private readonly RequestDelegate _next;

    /// <summary>Null if any name is allowed.</summary>
    private volatile StringSegment[]? _names;

    public AllowedHosts(RequestDelegate next, IConfiguration configuration)
    {
        _next = next;
        ChangeToken.OnChange(configuration.GetReloadToken, () => _names = Parse(configuration[SettingName]));
        _names = Parse(configuration[SettingName]);
    }

    public Task InvokeAsync(HttpContext context)
    {
        if (_names is null && context.Request.Host.HasValue)
            return _next(context);
        var isApi = ApiKeyMiddleware.Guards(context);
        return IsAllowed(context.Request.Host, isApi) || IsForMachines(context.Request.Path) ? _next(context)
            : isApi ? Refused.WriteAsync(context.Response)
            : RefusePageAsync(context);
    }

    private static bool IsForMachines(PathString path)
    {
        foreach (var known in ForMachines)
            if (path.StartsWithSegments(known))
                return true;
        return false;
    }

    /// <summary>HTTP/1.0 has no host names. The API needs none, but pages link to addresses of this host.</summary>
    private bool IsAllowed(HostString host, bool isApi)
    {
        var names = _names;
        if (!host.HasValue)
            return isApi;
        try
        {
            return names is null || HostString.MatchesAny(host.Value, names);
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static Task RefusePageAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        context.Response.ContentType = "text/plain";
        return context.Response.WriteAsync(Refused.Errors[0], context.RequestAborted);
    }

    /// <summary>Splits the setting as the framework does: at semicolons. <c>*.example.com</c> stands for all names below it.</summary>
    internal static string[] Split(string? setting) =>
        (setting ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static StringSegment[]? Parse(string? setting)
    {
        var names = Split(setting);
        // Requests contain non-ASCII names in Punycode.
        return names.Length == 0 || names.Any(name => name is "*" or "[::]" or "0.0.0.0")
            ? null
            : [.. names.Select(name => new StringSegment(new HostString(name).ToUriComponent()))];
    }
}

internal static class AllowedHostsExtensions
{
    public static void AddAllowedHosts(this IHostApplicationBuilder builder)
    {
        // The framework adds its filter before everything else.
        foreach (var filter in builder.Services.Where(service => service.ImplementationType?.Name == "HostFilteringStartupFilter").ToList())
            builder.Services.Remove(filter);
    }

    /// <summary>Call it after the trusted proxies, which may send the host that the client used.</summary>
    public static void UseAllowedHosts(this IApplicationBuilder app) => app.UseMiddleware<AllowedHosts>();
}
