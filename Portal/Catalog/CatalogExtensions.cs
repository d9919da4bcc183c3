using Microsoft.Extensions.Options;

namespace Portal.Catalog;

/// <summary>Registers the services of this folder.</summary>
public static class CatalogExtensions
{
    public static void AddCatalog(this IHostApplicationBuilder builder)
    {
        // Not bound in the way that follows changes: the catalog is fixed while the process runs, but for the upstreams.
        builder.Services.AddOptions<CatalogOptions>().Configure<IConfiguration>(Bind).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<CatalogOptions>, CatalogValidator>();
        builder.Services.AddSingleton<ModuleCatalog>();
        builder.Services.AddSingleton<PathOwners>();
        builder.Services.AddSingleton<CurrentUpstreams>();
    }

    /// <exception cref="InvalidOperationException">There is a key that is unknown, or a value that cannot be read.</exception>
    internal static void Bind(CatalogOptions options, IConfiguration configuration) =>
        // Without this, the binder leaves out the entries of a list that it cannot read: a module would be gone unnoticed.
        configuration.GetSection(CatalogOptions.SectionName).Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
}
