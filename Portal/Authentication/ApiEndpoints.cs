using System.Collections.Frozen;

namespace Portal.Authentication;

/// <summary>Metadata of an endpoint that answers every request below a module's path.</summary>
/// <param name="Prefix">The prefix in the catalog, below the API's base path.</param>
internal sealed record ModulePath(string Prefix);

/// <summary>Routes requests that may be served to their endpoints. The module's endpoint follows from the same reading of the target that was
/// checked, so that no second reading of the path can lead elsewhere. The framework routes Portal's own API.</summary>
internal sealed class ApiEndpoints
{
    private readonly FrozenDictionary<string, Endpoint> _modules;
    private readonly RequestDelegate _own;

    /// <param name="app">The application, with every endpoint mapped.</param>
    public ApiEndpoints(WebApplication app)
    {
        var endpoints = ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).ToLookup(IsOfModule);
        _modules = endpoints[true].ToFrozenDictionary(endpoint => endpoint.Metadata.GetRequiredMetadata<ModulePath>().Prefix, StringComparer.Ordinal);
        var own = ((IApplicationBuilder)app).New();
        own.UseRouting();
        own.UseEndpoints(routes => routes.DataSources.Add(new FixedEndpoints(() => endpoints[false].Where(IsOfApi))));
        _own = own.Build();
    }

    public Task ServeAsync(HttpContext context)
    {
        var owner = ApiCaller.Of(context).Target.Owner;
        if (owner.Module is null || !_modules.TryGetValue(owner.Prefix, out var endpoint))
            return _own(context);
        context.SetEndpoint(endpoint);
        return endpoint.RequestDelegate!(context);
    }

    private static bool IsOfModule(Endpoint endpoint) => endpoint.Metadata.GetMetadata<ModulePath>() is not null;

    /// <summary>Excludes endpoints for people that accept any path, such as static assets in development: they would turn the response to a wrong
    /// method into 404.</summary>
    private static bool IsOfApi(Endpoint endpoint) =>
        endpoint is RouteEndpoint { RoutePattern.RawText: { } path } && path.StartsWith(ApiKeyMiddleware.BasePath, StringComparison.OrdinalIgnoreCase);
}
