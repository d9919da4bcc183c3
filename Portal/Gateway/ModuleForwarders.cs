using Microsoft.Extensions.Primitives;
using Portal.Catalog;
using Portal.Gateway.Assertions;
using Portal.Wire;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Portal.Gateway;

/// <summary>Finds the current forwarding of each module. Configures the proxy for upstreams with several destinations or health checks, and applies a
/// change to all modules at once, when the proxy is ready for it.</summary>
/// <remarks>A request keeps the forwarding that it began with.</remarks>
internal sealed partial class ModuleForwarders : IProxyConfigProvider, IConfigChangeListener, IDisposable
{
    private readonly ModuleCatalog _catalog;
    private readonly CurrentUpstreams _upstreams;
    private readonly IHttpForwarder _forwarder;
    private readonly UpstreamClients _clients;
    private readonly UpstreamTransformer _transformer;
    private readonly AssertionSigner _signer;
    private readonly UpstreamMetrics _metrics;
    private readonly ILogger<ModuleForwarders> _logger;
    private volatile ModuleForwarder?[] _byModule;
    private volatile Configuration _configuration;
    private EndpointDataSource? _proxy;

    public ModuleForwarders(
        ModuleCatalog catalog, CurrentUpstreams upstreams, IHttpForwarder forwarder, UpstreamClients clients, UpstreamTransformer transformer,
        AssertionSigner signer, UpstreamMetrics metrics, ILogger<ModuleForwarders> logger)
    {
        (_catalog, _upstreams, _forwarder, _clients) = (catalog, upstreams, forwarder, clients);
        (_transformer, _signer, _metrics, _logger) = (transformer, signer, metrics, logger);
        _byModule = new ModuleForwarder?[catalog.Modules.Count];
        _configuration = new Configuration(upstreams.All);
        upstreams.Changed += Change;
    }

    /// <summary>The forwarding of a module; null if it has no upstream.</summary>
    public ModuleForwarder? Find(Module module) => _byModule[module.Index];

    /// <summary>Applies the first configuration.</summary>
    /// <param name="proxy">The proxy's endpoints, one for each route.</param>
    public void Begin(EndpointDataSource proxy)
    {
        _proxy = proxy;
        Enforce(_configuration);
    }

    public IProxyConfig GetConfig() => _configuration;

    public void ConfigurationApplied(IReadOnlyList<IProxyConfig> proxyConfigs)
    {
        if (_proxy is not null && proxyConfigs is [Configuration applied])
            Enforce(applied);
    }

    public void ConfigurationLoaded(IReadOnlyList<IProxyConfig> proxyConfigs)
    {
        // Not applied yet.
    }

    public void ConfigurationLoadingFailed(IProxyConfigProvider configProvider, Exception exception) => LogNotApplied(exception);

    public void ConfigurationApplyingFailed(IReadOnlyList<IProxyConfig> proxyConfigs, Exception exception) => LogNotApplied(exception);

    public void Dispose() => _upstreams.Changed -= Change;

    private void Change()
    {
        var before = _configuration;
        _configuration = new Configuration(_upstreams.All);
        before.TellChanged();
    }

    private void Enforce(Configuration configuration)
    {
        var routes = _proxy!.Endpoints.ToDictionary(endpoint => endpoint.Metadata.GetRequiredMetadata<RouteModel>().Config.RouteId, StringComparer.OrdinalIgnoreCase);
        _byModule = [.. _catalog.Modules.Select(module =>
            configuration.Upstreams.TryGetValue(module.Id, out var upstream)
                ? new ModuleForwarder(module, upstream, upstream.IsPlain ? Direct(upstream) : new BalancedSender(routes[module.Id]), _signer, _metrics, WithdrawnOf(module), _logger)
                : null)];
    }

    /// <summary>Requests continue if their module gets another upstream, and end if it no longer has one.</summary>
    private Func<Refusal?> WithdrawnOf(Module module)
    {
        var refusal = MissingUpstream.RefusalFor(module);
        return () => Find(module) is null ? refusal : null;
    }

    private DirectSender Direct(Upstream upstream) =>
        new(upstream.Destinations[0], _forwarder, _clients.For(upstream.ConnectTimeout), ProxyTerms.Request(upstream), _transformer);

    [LoggerMessage(Level = LogLevel.Error, Message = "The changed upstreams could not be applied; the previous ones stay in use")]
    private partial void LogNotApplied(Exception exception);

    /// <summary>An immutable configuration for the proxy.</summary>
    private sealed class Configuration(IReadOnlyDictionary<string, Upstream> upstreams) : IProxyConfig
    {
        private readonly ConfigurationReloadToken _changed = new();

        public IReadOnlyDictionary<string, Upstream> Upstreams => upstreams;
        public IReadOnlyList<RouteConfig> Routes { get; } = [.. upstreams.Where(entry => !entry.Value.IsPlain).Select(entry => ProxyTerms.Route(entry.Key))];
        public IReadOnlyList<ClusterConfig> Clusters { get; } =
            [.. upstreams.Where(entry => !entry.Value.IsPlain).Select(entry => ProxyTerms.Cluster(entry.Key, entry.Value))];
        public IChangeToken ChangeToken => _changed;

        public void TellChanged() => _changed.OnReload();
    }
}
