using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Primitives;

namespace Portal.Authentication;

/// <summary>Collects routes that never change after the application has started, and builds the endpoint of each only once.</summary>
/// <remarks>The framework builds the endpoints of a group again each time it reads them, which is several times during a start. Building compiles
/// code, and took most of the startup time.</remarks>
internal sealed class FixedRoutes(IEndpointRouteBuilder app) : IEndpointRouteBuilder
{
    public IServiceProvider ServiceProvider => app.ServiceProvider;

    public ICollection<EndpointDataSource> DataSources { get; } = [];

    public IApplicationBuilder CreateApplicationBuilder() => app.CreateApplicationBuilder();

    /// <summary>Maps routes so that their endpoints are built once.</summary>
    public static void Map(IEndpointRouteBuilder app, Action<IEndpointRouteBuilder> map)
    {
        var routes = new FixedRoutes(app);
        map(routes);
        app.DataSources.Add(new FixedEndpoints(() => routes.DataSources.SelectMany(source => source.Endpoints)));
    }
}

/// <summary>Endpoints that never change. They are built when they are first read.</summary>
internal sealed class FixedEndpoints(Func<IEnumerable<Endpoint>> build) : EndpointDataSource
{
    private readonly Lazy<IReadOnlyList<Endpoint>> _endpoints = new(() => [.. build()]);

    public override IReadOnlyList<Endpoint> Endpoints => _endpoints.Value;

    public override IChangeToken GetChangeToken() => NullChangeToken.Singleton;
}
