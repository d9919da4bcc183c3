using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Primitives;
using Portal.Authentication.Cors;
using Portal.Authentication.IpRules;

namespace Portal.Authentication;

/// <summary>The door of this folder.</summary>
public static class AuthenticationExtensions
{
    public static void AddApiKeyAuthentication(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<KnownHandles>();
        builder.Services.AddHostedService(services => services.GetRequiredService<KnownHandles>());
        builder.Services.AddSingleton<VerificationMetrics>();
        builder.Services.AddSingleton<CredentialCache>();
        builder.Services.AddSingleton<RateLimits>();
        builder.Services.AddSingleton<Gatekeeper>();
        builder.Services.AddSingleton<CallCounter>();
        builder.Services.AddSingleton<AddressRulesCache>();
        builder.Services.AddSingleton<IpRuleService>();
        builder.Services.AddSingleton<IpRulePreviewer>();
        builder.Services.Configure<KestrelServerOptions>(RequestTarget.Configure);
        builder.AddCorsForApi();
    }

    /// <summary>Closes everything below the API's base path but to those who come with a key. Goes before all that is for
    /// people.</summary>
    /// <remarks>Behind the gate there are the endpoints and nothing else: cookies, the way to the login and error pages
    /// are for people, and would answer a program with a redirect or a page.</remarks>
    public static void UseApiGate(this WebApplication app) => app.Use(next =>
    {
        var api = Build(app);
        return context => ApiGate.Guards(context) ? api(context)
            : RequestTarget.LengthOf(context) > RequestTarget.Longest ? RefuseTooLong(context)
            : next(context);
    });

    /// <summary>As the web server itself would, if it had not to read long addresses for the API's sake.</summary>
    private static Task RefuseTooLong(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status414UriTooLong;
        return Task.CompletedTask;
    }

    /// <summary>Called when the application starts, and so knows every endpoint that was mapped.</summary>
    private static RequestDelegate Build(WebApplication app)
    {
        var api = ((IApplicationBuilder)app).New();
        api.UseMiddleware<ApiGate>();
        api.UseRouting();
        api.UseEndpoints(endpoints =>
        {
            foreach (var source in ((IEndpointRouteBuilder)app).DataSources)
                endpoints.DataSources.Add(new ApiEndpoints(source));
        });
        return api.Build();
    }

    /// <summary>Those of the API alone. One for people that takes any path, as static assets do in development, would otherwise
    /// turn the answer to a wrong method into 404.</summary>
    private sealed class ApiEndpoints(EndpointDataSource all) : EndpointDataSource
    {
        public override IReadOnlyList<Endpoint> Endpoints =>
        [
            .. all.Endpoints.Where(endpoint =>
                endpoint is RouteEndpoint { RoutePattern.RawText: { } path } && path.StartsWith(ApiGate.BasePath, StringComparison.OrdinalIgnoreCase)),
        ];

        public override IChangeToken GetChangeToken() => all.GetChangeToken();
    }
}
