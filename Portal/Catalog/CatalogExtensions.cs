using Microsoft.Extensions.Options;

namespace Portal.Catalog;

/// <summary>The door of this folder.</summary>
public static class CatalogExtensions
{
    public static void AddCatalog(this IHostApplicationBuilder builder)
    {
        // Without this, the binder leaves out the entries of a list that it cannot read: a module would be gone unnoticed.
        builder.Services.AddOptions<CatalogOptions>()
            .BindConfiguration(CatalogOptions.SectionName, binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<CatalogOptions>, CatalogValidator>();
        builder.Services.AddSingleton<ModuleCatalog>();
        builder.Services.AddSingleton<PathOwners>();
    }
}
