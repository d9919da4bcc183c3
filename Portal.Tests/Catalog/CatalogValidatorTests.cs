using System.Text;
using Microsoft.Extensions.Configuration;
using Portal.Catalog;

namespace Portal.Tests.Catalog;

public sealed class CatalogValidatorTests
{
    [Fact]
    public void Validate_TheDefaultCatalogue_IsFine() =>
        Assert.Empty(Validate(new ConfigurationBuilder().AddJsonFile(Path.Combine(Support.Built.SourceRoot, "appsettings.json")).Build().GetSection("Catalog")));

    [Theory]
    [InlineData("""{"Modules":[{"Id":"A","Name":"a","Paths":["/a"]},{"Id":"a","Name":"b","Paths":["/b"]}]}""", "Catalog:Modules:1:Id \"a\" is a duplicate of Catalog:Modules:0:Id.")]
    [InlineData("""{"Modules":[{"Id":"A","Name":"a","Paths":["/a"]},{"Id":"B","Name":"b","Paths":["/A/x"]}]}""", "Catalog:Modules:1:Paths:0 \"/A/x\" overlaps with Catalog:Modules:0:Paths:0 \"/a\"")]
    [InlineData("""{"Modules":[{"Id":"A","Name":"a","Paths":["/a","/a"]}]}""", "Catalog:Modules:0:Paths:1 \"/a\" overlaps with Catalog:Modules:0:Paths:0")]
    [InlineData("""{"Modules":[{"Id":"A","Name":"a","Paths":["/a/x"]}],"AlwaysAllowed":["/a"]}""", "Catalog:AlwaysAllowed:0 \"/a\" overlaps with Catalog:Modules:0:Paths:0")]
    [InlineData("""{"Modules":[]}""", "Catalog:Modules has 0 entries")]
    [InlineData("""{"Modules":null}""", "Catalog:Modules has 0 entries")]
    [InlineData("""{"Modules":[{"Name":"a","Paths":["/a"]}]}""", "Catalog:Modules:0:Id \"\" must be")]
    [InlineData("""{"Modules":[{"Id":null,"Name":null,"Paths":null}]}""", "Catalog:Modules:0:Paths is empty")]
    [InlineData("""{"Modules":[{"Id":"*","Name":"a","Paths":["/a"]}]}""", "Catalog:Modules:0:Id \"*\" must be")]
    [InlineData("""{"Modules":[{"Id":"A","Name":" ","Paths":["/a"]}]}""", "Catalog:Modules:0:Name must have")]
    [InlineData("""{"Modules":[{"Id":"A","Name":"a"}]}""", "Catalog:Modules:0:Paths is empty")]
    [InlineData("""{"Modules":[{"Id":"A","Name":"a","Paths":["a"]}]}""", "Catalog:Modules:0:Paths:0 \"a\" must start with /")]
    [InlineData("""{"Modules":[{"Id":"A","Name":"a","Paths":["/a/"]}]}""", "Catalog:Modules:0:Paths:0 \"/a/\" must")]
    [InlineData("""{"Modules":[{"Id":"A","Name":"a","Paths":["/a/../b"]}]}""", "Catalog:Modules:0:Paths:0 \"/a/../b\" must")]
    [InlineData("""{"Modules":[{"Id":"A","Name":"a","Paths":["/a?x=1"]}]}""", "Catalog:Modules:0:Paths:0 \"/a?x=1\" must")]
    [InlineData("""{"Modules":[{"Id":"A","Name":"a","Paths":["/"]}]}""", "Catalog:Modules:0:Paths:0 \"/\" must")]
    public void Validate_WrongModules_NamesTheKey(string catalog, string fault) => AssertFault(catalog, fault);

    [Theory]
    [InlineData("[]", "Catalog:Extensions is empty")]
    [InlineData("""[{"Id":"E 1","Name":"e","Title":"E"}]""", "Catalog:Extensions:0:Id \"E 1\" must be")]
    [InlineData("""[{"Id":"E1","Name":"Two Words","Title":"E"}]""", "Catalog:Extensions:0:Name \"Two Words\" must be")]
    [InlineData("""[{"Id":"E1","Name":"e"}]""", "Catalog:Extensions:0:Title must have")]
    [InlineData("""[{"Id":"E1","Name":"e","Title":"E"},{"Id":"e1","Name":"f","Title":"F"}]""", "Catalog:Extensions:1:Id \"e1\" is a duplicate of Catalog:Extensions:0:Id.")]
    [InlineData("""[{"Id":"E1","Name":"e","Title":"E"},{"Id":"E2","Name":"e","Title":"F"}]""", "Catalog:Extensions:1:Name \"e\" is a duplicate of Catalog:Extensions:0:Name.")]
    [InlineData("""[{"Id":"E1","Name":"e","Title":"E","Permissions":"Fixed","Modules":["A","B"]}]""", "Catalog:Extensions:0:Modules:1 \"B\" is not a module")]
    [InlineData("""[{"Id":"E1","Name":"e","Title":"E","Permissions":"Fixed","Modules":["a"]}]""", "Catalog:Extensions:0:Modules:0 \"a\" is not a module")]
    [InlineData("""[{"Id":"E1","Name":"e","Title":"E","Permissions":"Fixed"}]""", "Catalog:Extensions:0:Modules is empty")]
    [InlineData("""[{"Id":"E1","Name":"e","Title":"E","Modules":["A"]}]""", "Catalog:Extensions:0:Modules is only valid with")]
    [InlineData("""[{"Id":"E1","Name":"e","Title":"E","Permissions":"7"}]""", "Catalog:Extensions:0:Permissions must be one of Ask, All, Fixed.")]
    public void Validate_WrongExtensions_NamesTheKey(string extensions, string fault) =>
        AssertFault("""{"Modules":[{"Id":"A","Name":"a","Paths":["/a"]}],"Extensions":""" + extensions + "}", fault);

    [Fact]
    public void Validate_MoreModulesThanBits_IsRefused()
    {
        var modules = Enumerable.Range(0, 129).Select(i => $$"""{"Id":"M{{i}}","Name":"m","Paths":["/p{{i}}"]}""");
        AssertFault($$"""{"Modules":[{{string.Join(',', modules)}}]}""", "Catalog:Modules has 129 entries: list 1 to 128 modules.");
    }

    private static void AssertFault(string catalog, string fault)
    {
        using var json = new MemoryStream(Encoding.UTF8.GetBytes($$"""{"Catalog":{{catalog}}}"""));
        Assert.Contains(Validate(new ConfigurationBuilder().AddJsonStream(json).Build().GetSection("Catalog")), found => found.StartsWith(fault, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Validate(IConfigurationSection section) =>
        new CatalogValidator().Validate(null, section.Get<CatalogOptions>() ?? new CatalogOptions()).Failures ?? [];
}
