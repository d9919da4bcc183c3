using Microsoft.Extensions.Options;

namespace Portal.Catalog;

/// <summary>The door of this folder.</summary>
public static class CatalogExtensions
{
    public static void AddCatalog(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<CatalogOptions>().BindConfiguration(CatalogOptions.SectionName).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<CatalogOptions>, CatalogValidator>();
        builder.Services.AddSingleton<ModuleCatalog>();
        builder.Services.AddSingleton<PathOwners>();
    }
}
