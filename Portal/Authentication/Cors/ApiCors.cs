using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Portal.Authentication.Cors;

/// <summary>Lets web applications of other origins call the API from a browser (CORS), as the Fetch standard defines: responds to preflights, which
/// have no key, and specifies which origins may read responses, including refusals.</summary>
/// <remarks>Runs before the API key is checked. A preflight never reaches an upstream and isn't counted.</remarks>
internal sealed class ApiCors
{
    private static readonly string[] DefaultMethods =
        [HttpMethods.Get, HttpMethods.Head, HttpMethods.Post, HttpMethods.Put, HttpMethods.Patch, HttpMethods.Delete];

    /// <summary>The response headers of the API that pages may read.</summary>
    private static readonly string[] AlwaysExposed =
    [
        HeaderNames.ContentRange, HeaderNames.ETag, HeaderNames.Location, HeaderNames.RetryAfter, HeaderNames.WWWAuthenticate, HeaderNames.Allow,
        HeaderNames.ContentDisposition, HeaderNames.ContentLocation, HeaderNames.Link, "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "RateLimit-Policy",
        "Idempotency-Replayed", "X-Sandbox",
    ];

    private readonly RequestDelegate _next;
    private readonly ICorsService _service;
    private readonly CorsPolicy _policy;
    private readonly Func<object, Task> _announce;

    public ApiCors(RequestDelegate next, ICorsService service, IOptions<ApiCorsOptions> options)
    {
        (_next, _service, _policy) = (next, service, PolicyOf(options.Value));
        _announce = state => Announce((HttpContext)state);
    }

    public Task InvokeAsync(HttpContext context)
    {
        if (!ApiKeyMiddleware.Guards(context))
            return _next(context);
        if (!_policy.AllowAnyOrigin)
            context.Response.Headers.Vary = HeaderNames.Origin; // A cache must not reuse the response for another origin.
        if (context.Request.Headers.Origin.Count == 0)
            return _next(context);
        if (HttpMethods.IsOptions(context.Request.Method) && context.Request.Headers.AccessControlRequestMethod.Count > 0)
            return AnswerPreflight(context);
        context.Response.OnStarting(_announce, context);
        return _next(context);
    }

    private Task AnswerPreflight(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        _service.ApplyResult(_service.EvaluatePolicy(context, _policy), context.Response);
        AddVary(context.Response, HeaderNames.AccessControlRequestMethod, HeaderNames.AccessControlRequestHeaders);
        return Task.CompletedTask;
    }

    /// <summary>Sets the headers when the response starts, and replaces the upstream's CORS headers: browsers refuse duplicates.</summary>
    private Task Announce(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.AccessControlAllowOrigin = headers.AccessControlAllowCredentials = headers.AccessControlAllowMethods = default;
        headers.AccessControlAllowHeaders = headers.AccessControlExposeHeaders = headers.AccessControlMaxAge = default;
        _service.ApplyResult(_service.EvaluatePolicy(context, _policy), context.Response);
        AddVary(context.Response);
        return Task.CompletedTask;
    }

    /// <summary>Adds to the existing values, and lists each name once.</summary>
    private static void AddVary(HttpResponse response, params IEnumerable<string> names)
    {
        var there = response.Headers.Vary.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var all = string.Join(", ", there.Union(names, StringComparer.OrdinalIgnoreCase));
        response.Headers.Vary = all.Length > 0 ? all : default(StringValues);
    }

    private static CorsPolicy PolicyOf(ApiCorsOptions options)
    {
        var policy = new CorsPolicyBuilder();
        if (options.Origins.Contains(ApiCorsOptions.Any))
            policy.AllowAnyOrigin();
        else
            policy.WithOrigins([.. options.Origins]).SetIsOriginAllowedToAllowWildcardSubdomains();
        if (options.Methods.Contains(ApiCorsOptions.Any))
            policy.AllowAnyMethod();
        else
            policy.WithMethods(options.Methods.Count > 0 ? [.. options.Methods] : DefaultMethods);
        if (options.Headers.Count == 0 || options.Headers.Contains(ApiCorsOptions.Any))
            policy.AllowAnyHeader();
        else
            policy.WithHeaders([.. options.Headers]);
        policy.WithExposedHeaders([.. AlwaysExposed.Union(options.ExposedHeaders, StringComparer.OrdinalIgnoreCase)]);
        if (options.AllowCredentials)
            policy.AllowCredentials();
        return policy.SetPreflightMaxAge(options.MaxAge).Build();
    }
}
