using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Portal.Catalog;

namespace Portal.Tests.Support;

/// <summary>The catalog of <c>appsettings.json</c>, for tests that need nothing else.</summary>
internal static class TestCatalog
{
    public static ModuleCatalog Default { get; } = new(Options.Create(
        new ConfigurationBuilder().AddJsonFile(Path.Combine(Built.SourceRoot, "appsettings.json")).Build()
            .GetSection(CatalogOptions.SectionName).Get<CatalogOptions>()!));
}
