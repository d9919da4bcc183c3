using Bunit;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Details;

namespace Portal.Tests.Tokens.Details;

public sealed class PermissionsTabTests : BunitContext
{
    [Fact]
    public async Task Render_RestrictedToken_EveryModuleIsListedAndThoseThatItMayUseComeFirst()
    {
        var tab = await RenderAsync(TestTokens.Wanted("Shop", TestTokens.Billing));

        Assert.Equal(["Module", "Status", "Granted", "Last used"], tab.Texts("thead th"));
        Assert.Equal(["All", "Billing", .. TestCatalog.Default.Modules.Select(module => module.Name).Where(name => name != "Billing")], tab.Texts("tbody th"));
        Assert.Equal("1 of 19 modules enabled", tab.Find(".count").Words());
        Assert.Equal(["Billing"], tab.FindAll("tbody tr").Where(row => row.Children[1].Words() == "Enabled").Select(row => row.Children[0].Words()));
        Assert.Equal(19, tab.Texts("tbody td[data-label=Status]").Count(state => state == "Disabled"));
        Assert.Equal("An Operator", tab.Find("tbody small").TextContent);
    }

    [Fact]
    public async Task Render_AllModules_EveryRowIsEnabledByThatGrant()
    {
        var tab = await RenderAsync(TestTokens.Wanted() with { Modules = ModuleChoice.All });

        Assert.All(tab.Texts("tbody td[data-label=Status]"), state => Assert.Equal("Enabled", state));
        Assert.Equal(20, tab.Texts("tbody small").Count(name => name == "An Operator"));
        Assert.StartsWith("All modules enabled", tab.Find(".count").Words(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Render_ModuleNoLongerOffered_IsListedAsNotGranted()
    {
        var tab = await RenderAsync(TestTokens.Wanted("Shop", TestTokens.Billing), "UPDATE TokenPermissions SET ModuleId = 'MD-0099', ModuleName = 'Faxes'");

        var row = tab.FindAll("tbody tr")[^1];
        Assert.Equal(("Faxes – no longer offered, not granted", "Disabled"), (row.Children[0].Words(), row.Children[1].Words()));
        Assert.DoesNotContain("Enabled", tab.Texts("tbody td[data-label=Status]"));
    }

    [Fact]
    public async Task Render_ModuleInUse_TellsWhenItWasLastUsed()
    {
        var tab = await RenderAsync(
            TestTokens.Wanted("Shop", TestTokens.Billing),
            "INSERT INTO ModuleUses (TokenId, ModuleId, LastUsedAt) SELECT Id, 'MD-0003', '2030-01-14 09:30:00' FROM Tokens");

        Assert.Equal("2030-01-14T09:30:00.0000000Z", Assert.Single(tab.FindAll("td[data-label='Last used'] local-time")).GetAttribute("datetime"));
    }

    private async Task<IRenderedComponent<PermissionsTab>> RenderAsync(NewToken wanted, string? sql = null)
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync(wanted)).Handle;
        if (sql is not null)
            await portal.ExecuteAsync(sql);
        var token = await portal.DetailsAsync(handle);
        return Render<PermissionsTab>(parameters => parameters.Add(it => it.Token, token));
    }
}
