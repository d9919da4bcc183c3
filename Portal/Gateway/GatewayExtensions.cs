using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Portal.Authentication;
using Portal.Catalog;
using Portal.Gateway.Assertions;
using Portal.Gateway.ForwardAuth;
using Portal.Gateway.Sandbox;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Transforms.Builder;

namespace Portal.Gateway;

/// <summary>Registers this folder: what answers for the modules.</summary>
public static class GatewayExtensions
{
    public static void AddGateway(this IHostApplicationBuilder builder)
    {
        // Before the proxy's own services, which step back.
        builder.Services.AddSingleton<UpstreamMetrics>();
        builder.Services.AddSingleton<UpstreamClients>();
        builder.Services.AddSingleton<IForwarderHttpClientFactory>(services => services.GetRequiredService<UpstreamClients>());
        builder.Services.AddSingleton<PortalCookies>();
        builder.Services.AddSingleton<UpstreamTransformer>();
        builder.Services.AddSingleton<ITransformBuilder>(services => services.GetRequiredService<UpstreamTransformer>());
        builder.Services.AddSingleton<AssertionKeyFiles>();
        builder.Services.AddSingleton<AssertionKeys>();
        builder.Services.AddSingleton<AssertionSigner>();
        builder.Services.AddSingleton<ModuleForwardings>();
        builder.Services.AddSingleton<IProxyConfigProvider>(services => services.GetRequiredService<ModuleForwardings>());
        builder.Services.AddSingleton<IConfigChangeListener>(services => services.GetRequiredService<ModuleForwardings>());
        builder.AddForwardAuth();
        builder.Services.AddReverseProxy();
        builder.Services.Configure<TransportFailureRateHealthPolicyOptions>(passive => passive.DetectionWindowSize = PassiveHealthCheck.Window);
        // The forwarder logs every request with its internal address. The gateway logs those that fail.
        builder.Logging.AddFilter("Yarp.ReverseProxy", LogLevel.Warning);
        builder.Logging.AddFilter("Yarp.ReverseProxy.Forwarder", LogLevel.None);
        // What upstreams write into headers beyond ASCII passes byte by byte.
        builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.ResponseHeaderEncodingSelector = _ => Encoding.Latin1);
    }

    /// <summary>Makes the key that signs assertions, if an upstream gets them.</summary>
    /// <exception cref="Data.DataDirectoryException">It cannot be made; the message says what to do.</exception>
    internal static void EnsureAssertionKeys(this IServiceProvider services)
    {
        if (services.GetRequiredService<CurrentUpstreams>().All.Values.Any(upstream => upstream.AssertionIssuer is not null))
            services.GetRequiredService<AssertionKeys>().EnsureUsable();
    }

    /// <summary>Answers for every module: from its upstream, or without one in Development from samples, elsewhere with 503.
    /// Portal's own paths are left to Portal, also where it offers nothing below them.</summary>
    public static void MapGateway(this IEndpointRouteBuilder app)
    {
        var inDevelopment = app.ServiceProvider.GetRequiredService<IHostEnvironment>().IsDevelopment();
        var forwardings = app.ServiceProvider.GetRequiredService<ModuleForwardings>();
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

    /// <summary>Answers the proxies that ask before they pass a request on themselves. Goes before all else.</summary>
    public static void UseForwardAuth(this IApplicationBuilder app) => app.UseMiddleware<ForwardAuthMiddleware>();

    /// <summary>The proxy's endpoints, kept out of the application's routing: those of the modules lead to them.</summary>
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
