using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace Portal.Hosting;

/// <summary>The path on a shared host under which people and programs reach Portal.</summary>
internal sealed partial class PublicPath
{
    public const string SettingName = "Portal:PathBase";

    /// <summary>In characters.</summary>
    private const int Longest = 256;

    /// <summary>Such as <c>/portal</c>; empty if Portal doesn't share the host.</summary>
    public string PathBase { get; set; } = "";

    /// <returns>Null if it isn't a path of plain segments.</returns>
    public static string? Parse(string text)
    {
        var path = text.TrimEnd('/');
        return text.Length <= Longest && (path.Length > 0 ? Plain().IsMatch(path) : text is "" or "/") ? path : null;
    }

    /// <summary>Allows characters with the same meaning in a path, a cookie, HTML and a header, and no segment of dots only.</summary>
    [GeneratedRegex(@"^(/(?!\.{1,2}(/|\z))[A-Za-z0-9._~-]+)+\z")]
    private static partial Regex Plain();
}

internal sealed class PublicPathValidator : IValidateOptions<PublicPath>
{
    /// <summary>The first segments of Portal's own paths. As a public path they would be ambiguous behind a proxy that removes it.</summary>
    private static readonly string[] Own =
    [
        ".well-known", "_blazor", "_content", "_framework", "approvals", "audit", "calendar", "change-password", "Components", "error", "forgot-password", "forward-auth", "health",
        "integrations", "join", "lib", "login", "logout", "metrics", "new-password", "nodes", "not-found", "openapi", "policies", "profile", "public", "scim", "setup",
        "sign-in-link", "sign-out", "signin", "signin-confirmed", "templates", "tokens", "users", "webhooks",
    ];

    /// <summary>The extensions of static files, whose names differ from build to build.</summary>
    private static readonly string[] OwnFiles = [".css", ".js", ".svg", ".png", ".ico", ".gz", ".br"];

    public ValidateOptionsResult Validate(string? name, PublicPath options)
    {
        if (PublicPath.Parse(options.PathBase) is not { } path)
            return ValidateOptionsResult.Fail(
                $"{PublicPath.SettingName} \"{options.PathBase}\" must be a path such as /portal. Each segment starts with a slash and consists of letters, digits and -._~.");
        return path.Length > 0 && IsOwn(path.Split('/')[1])
            ? ValidateOptionsResult.Fail($"{PublicPath.SettingName} \"{options.PathBase}\" starts like an address of Portal itself. Choose another path, such as /portal.")
            : ValidateOptionsResult.Success;
    }

    private static bool IsOwn(string segment) =>
        Own.Contains(segment, StringComparer.OrdinalIgnoreCase) || OwnFiles.Any(ending => segment.EndsWith(ending, StringComparison.OrdinalIgnoreCase));
}

internal static class PublicPathExtensions
{
    public static void AddPublicAddress(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<PublicPath>()
            .Configure<IConfiguration>((options, configuration) => options.PathBase = configuration[PublicPath.SettingName] ?? "")
            .ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<PublicPath>, PublicPathValidator>();
        builder.AddTrustedProxies();
        builder.AddAllowedHosts();
    }

    /// <summary>Call it before any middleware that reads a path.</summary>
    public static void UsePublicPath(this WebApplication app)
    {
        var path = PublicPath.Parse(app.Services.GetRequiredService<IOptions<PublicPath>>().Value.PathBase);
        if (path is { Length: > 0 })
            app.UseMiddleware<PublicPathMiddleware>(new PathString(path));
    }
}

/// <summary>Removes the public path from a request that still has it. Proxies may remove or keep it.</summary>
/// <remarks>The raw target is shortened too, so that code that reads it finds the same as without a public path. This requires that the path is
/// written plainly there; with escapes, the request isn't found.</remarks>
internal sealed class PublicPathMiddleware(RequestDelegate next, PathString pathBase)
{
    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.Path.StartsWithSegments(pathBase, StringComparison.OrdinalIgnoreCase, out var rest))
        {
            var feature = context.Features.GetRequiredFeature<IHttpRequestFeature>();
            if (CutTarget(feature.RawTarget) is { } target)
                (request.Path, feature.RawTarget) = (rest.HasValue ? rest : "/", target);
        }

        request.PathBase = pathBase;
        return next(context);
    }

    /// <returns>Null if the target doesn't begin with the public path.</returns>
    private string? CutTarget(string target)
    {
        var start = 0;
        if (!target.StartsWith('/') && target.IndexOf("://", StringComparison.Ordinal) is > 0 and var scheme)
            start = target.IndexOf('/', scheme + 3);
        if (start < 0 || !target.AsSpan(start).StartsWith(pathBase.Value, StringComparison.OrdinalIgnoreCase))
            return null;
        var rest = target.AsSpan(start + pathBase.Value!.Length);
        return rest is [] or ['?', ..] ? string.Concat(target.AsSpan(0, start), "/", rest)
            : rest[0] == '/' ? string.Concat(target.AsSpan(0, start), rest)
            : null;
    }
}
