using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Portal.Authentication.Cors;
using Portal.Authentication.SharedLimits;
using Portal.Catalog;
using Portal.Data.Nodes;
using Portal.Statistics;
using Portal.Tokens;

namespace Portal.Authentication;

/// <summary>Registers the services of this folder.</summary>
public static class AuthenticationExtensions
{
    public static void AddApiKeyAuthentication(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<KnownSecrets>();
        builder.Services.AddHostedService(services => services.GetRequiredService<KnownSecrets>());
        builder.Services.AddSingleton<VerificationMetrics>();
        builder.Services.AddSingleton<CredentialCache>();
        builder.AddRateLimits();
        // The database server doesn't follow Portal's clock.
        builder.Services.AddSingleton(new DirectReads(TimeProvider.System));
        builder.Services.AddSingleton<AccessEvaluator>();
        builder.Services.AddSingleton<OngoingRequests>();
        builder.Services.AddSingleton<IOngoingUses>(services => services.GetRequiredService<OngoingRequests>());
        builder.Services.AddSingleton<OngoingRequestMonitor>();
        builder.Services.AddHostedService(services => services.GetRequiredService<OngoingRequestMonitor>());
        builder.Services.AddSingleton<RefusedKeys>();
        builder.Services.AddSingleton<IUncountedRequests>(services => services.GetRequiredService<RefusedKeys>());
        builder.Services.AddSingleton<RequestRecorder>();
        builder.Services.AddHostedService<MalformedRequests>();
        // The web server gets its own diagnostics: with a subscriber to the application's, every request would look for listeners.
        builder.Services.AddSingleton<DiagnosticSource>(_ => new DiagnosticListener("Portal.WebServer"));
        builder.Services.Configure<KestrelServerOptions>(ServerLimits.Configure);
        builder.AddCorsForApi();
    }

    private static void AddRateLimits(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<LimitStoreOptions>().BindConfiguration(LimitStoreOptions.Section, binder => binder.ErrorOnUnknownConfiguration = true).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<LimitStoreOptions>, LimitStoreOptions.Validator>();
        builder.Services.AddSingleton<SharedBuckets>();
        builder.Services.AddSingleton(RedisLimitStore.Create);
        builder.Services.AddSingleton(services => new LimitExchange(
            services.GetRequiredService<SharedBuckets>(),
            StoreConnection.IsConfigured(services.GetRequiredService<IOptions<LimitStoreOptions>>().Value) ? services.GetRequiredService<ILimitStore>() : null,
            services.GetRequiredService<IMeterFactory>(), services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<LimitExchange>>()));
        builder.Services.AddSingleton(services => new RateLimits(
            services.GetRequiredService<IOptions<TokenOptions>>(), services.GetRequiredService<INodeCount>(),
            services.GetRequiredService<LimitExchange>().IsOn ? services.GetRequiredService<SharedBuckets>() : null, services.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton<ILimitStoreState>(services => services.GetRequiredService<LimitExchange>());
        builder.Services.AddHostedService(services => services.GetRequiredService<LimitExchange>());
    }

    /// <summary>Requires a key for everything below the API's base path. Call it before any middleware for people.</summary>
    /// <remarks>For the API, only the endpoints follow this middleware. Cookies, redirects to the sign-in page and error pages are for people: a
    /// program would get a redirect or a page.</remarks>
    public static void UseApiKeys(this WebApplication app) => app.Use(next =>
    {
        var owners = app.Services.GetRequiredService<PathOwners>();
        var apiKeys = ActivatorUtilities.CreateInstance<ApiKeyMiddleware>(app.Services, (RequestDelegate)new ApiEndpoints(app).ServeAsync);
        return context =>
        {
            var target = RequestTarget.Read(context, owners);
            return PathlessRequests.TryAnswer(context, target.Form) ?? (target.IsApi ? apiKeys.InvokeAsync(context, target)
                : ServerLimits.IsTooLongForAPage(context.Request.Method, target) ? RefuseTooLong(context)
                : next(context));
        };
    });

    /// <summary>Whether a request is for the API or the gateway.</summary>
    internal static bool IsForApi(HttpContext context) => RequestTarget.Read(context, context.RequestServices.GetRequiredService<PathOwners>()).IsApi;

    /// <summary>Responds as the web server itself would if it didn't accept long addresses for the API.</summary>
    private static Task RefuseTooLong(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status414UriTooLong;
        return Task.CompletedTask;
    }
}
