using Microsoft.Extensions.Options;

namespace Portal.Catalog;

/// <summary>Registers the services of this folder.</summary>
public static class CatalogExtensions
{
    public static void AddCatalog(this IHostApplicationBuilder builder)
    {
        // Not bound in the way that follows changes: only the upstreams may change while the process runs.
        builder.Services.AddOptions<CatalogOptions>().Configure<IConfiguration>(Bind).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<CatalogOptions>, CatalogValidator>();
        builder.Services.AddSingleton<ModuleCatalog>();
        builder.Services.AddSingleton<PathOwners>();
        builder.Services.AddSingleton<CurrentUpstreams>();
    }

    /// <exception cref="InvalidOperationException">A key is unknown, or a value can't be read.</exception>
    internal static void Bind(CatalogOptions options, IConfiguration configuration) =>
        // Otherwise the binder skips list entries that it can't read, and a module would disappear silently.
        configuration.GetSection(CatalogOptions.SectionName).Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
}
