using Microsoft.Extensions.Options;
using Portal.Catalog;

namespace Portal.Tests.Catalog;

public sealed class PathOwnersTests
{
    private static readonly ModuleCatalog Catalog = new(Options.Create(new CatalogOptions
    {
        Modules =
        [
            new() { Id = "A", Name = "Agreements", Paths = ["/agreements", "/auth/forms"] },
            new() { Id = "I", Name = "Integrations", Paths = ["/auth/tokens"] },
        ],
        AlwaysAllowed = ["/auth/context"],
    }));

    [Theory]
    [InlineData("/agreements", "A")]
    [InlineData("/agreements/", "A")]
    [InlineData("/agreements/AG-1/files", "A")]
    [InlineData("/AGREEMENTS/AG-1", "A")]
    [InlineData("/auth/forms", "A")]
    [InlineData("/auth/tokens/SU-160-984-311", "I")]
    public void Find_PathOfAModule_IsItsModule(string path, string module) => Assert.Equal(module, new PathOwners(Catalog).Find(path).Module?.Id);

    [Fact]
    public void Find_AlwaysAllowed_IsKnownAndOfNoModule() => Assert.Equal(new PathOwner(true, null) { Prefix = "/auth/context" }, new PathOwners(Catalog).Find("/auth/context"));

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("//")]
    [InlineData("/auth")]
    [InlineData("/auth/")]
    [InlineData("/auth/tokensx")]
    [InlineData("/agreementsx")]
    [InlineData("/agreement")]
    [InlineData("//agreements")]
    [InlineData("/x/agreements")]
    public void Find_AnythingElse_IsNobodys(string path) => Assert.Equal(PathOwner.Nobody, new PathOwners(Catalog).Find(path));

    [Fact]
    public void Catalog_Modules_KeepTheOrderOfTheConfigurationAsTheirBits() =>
        Assert.Equal([("A", 0), ("I", 1)], Catalog.Modules.Select(module => (module.Id, module.Index)));
}
