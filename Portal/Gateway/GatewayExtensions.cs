using Microsoft.AspNetCore.Server.Kestrel.Core;
using System.Text;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Transforms.Builder;
using Portal.Authentication;
using Portal.Catalog;
using Portal.Data.KeyRing;
using Portal.Gateway.Assertions;
using Portal.Gateway.ForwardAuth;
using Portal.Gateway.Sandbox;

namespace Portal.Gateway;

/// <summary>Registers the services of this folder: the gateway to the modules.</summary>
public static class GatewayExtensions
{
    public static void AddGateway(this IHostApplicationBuilder builder)
    {
        // Registered before the proxy's own services, which don't replace existing ones.
        builder.Services.AddSingleton<UpstreamMetrics>();
        builder.Services.AddSingleton<UpstreamClients>();
        builder.Services.AddSingleton<IForwarderHttpClientFactory>(services => services.GetRequiredService<UpstreamClients>());
        builder.Services.AddSingleton<PortalCookies>();
        builder.Services.AddSingleton<UpstreamTransformer>();
        builder.Services.AddSingleton<ITransformBuilder>(services => services.GetRequiredService<UpstreamTransformer>());
        builder.Services.AddSingleton<AssertionKeyStore>();
        builder.Services.AddSingleton<IEncryptedValues>(services => services.GetRequiredService<AssertionKeyStore>());
        builder.Services.AddSingleton<AssertionKeys>();
        builder.Services.AddSingleton<AssertionSigner>();
        builder.Services.AddSingleton<ModuleForwarders>();
        builder.Services.AddSingleton<IProxyConfigProvider>(services => services.GetRequiredService<ModuleForwarders>());
        builder.Services.AddSingleton<IConfigChangeListener>(services => services.GetRequiredService<ModuleForwarders>());
        builder.AddForwardAuth();
        builder.Services.AddReverseProxy();
        builder.Services.Configure<TransportFailureRateHealthPolicyOptions>(passive => passive.DetectionWindowSize = PassiveHealthCheck.Window);
        // The forwarder logs every request with its internal address. The gateway logs failed requests itself.
        builder.Logging.AddFilter("Yarp.ReverseProxy", LogLevel.Warning);
        builder.Logging.AddFilter("Yarp.ReverseProxy.Forwarder", LogLevel.None);
        // Non-ASCII bytes in headers are passed on unchanged in both directions (RFC 9110, section 5.5: opaque data). By default, the web server
        // refuses requests with bytes that aren't UTF-8.
        builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.RequestHeaderEncodingSelector = kestrel.ResponseHeaderEncodingSelector = _ => Encoding.Latin1);
    }

    /// <summary>Creates the key that signs assertions, if an upstream gets them.</summary>
    /// <exception cref="Data.DataDirectoryException">It can't be created; the message says what to do.</exception>
    internal static void EnsureAssertionKeys(this IServiceProvider services)
    {
        if (services.GetRequiredService<CurrentUpstreams>().All.Values.Any(upstream => upstream.AssertionIssuer is not null))
            services.GetRequiredService<AssertionKeys>().EnsureUsable();
    }

    /// <summary>Maps every module: to its upstream, or without one to samples in Development and to 503 elsewhere. Portal's own paths stay with
    /// Portal, even if it has no endpoint below them.</summary>
    public static void MapGateway(this IEndpointRouteBuilder app)
    {
        var inDevelopment = app.ServiceProvider.GetRequiredService<IHostEnvironment>().IsDevelopment();
        var forwardings = app.ServiceProvider.GetRequiredService<ModuleForwarders>();
        forwardings.Begin(MapProxy(app));
        foreach (var module in app.ServiceProvider.GetRequiredService<ModuleCatalog>().Modules)
            foreach (var path in module.Paths.Where(path => !ManagementPaths.Contains(path)))
            {
                RequestDelegate withoutUpstream = inDevelopment
                    ? new SandboxEndpoint(SampleCollection.For(module, path)).AnswerAsync
                    : new MissingUpstream(module).AnswerAsync;
                app.Map($"{ApiKeyMiddleware.BasePath}{path}/{{**rest}}", new ModuleEndpoint(module, forwardings, withoutUpstream).AnswerAsync)
                    .WithMetadata(new ModulePath(path))
                    .WithDisplayName($"{module.Name} {path}");
            }

        app.MapGet(JwksEndpoint.Path, JwksEndpoint.Answer).AllowAnonymous();
    }

    /// <summary>Responds to proxies that ask before they forward a request themselves. Call it before all other middleware.</summary>
    public static void UseForwardAuth(this IApplicationBuilder app) => app.UseMiddleware<ForwardAuthMiddleware>();

    /// <summary>Maps the proxy's endpoints outside the application's routing: the modules' endpoints call them.</summary>
    private static EndpointDataSource MapProxy(IEndpointRouteBuilder app)
    {
        var proxy = new ProxyRoutes(app);
        proxy.MapReverseProxy(pipeline =>
        {
            pipeline.UseLoadBalancing();
            pipeline.UsePassiveHealthChecks();
        });
        return proxy.DataSources.Single();
    }

    private sealed class ProxyRoutes(IEndpointRouteBuilder app) : IEndpointRouteBuilder
    {
        public IServiceProvider ServiceProvider => app.ServiceProvider;
        public ICollection<EndpointDataSource> DataSources { get; } = [];
        public IApplicationBuilder CreateApplicationBuilder() => app.CreateApplicationBuilder();
    }
}
