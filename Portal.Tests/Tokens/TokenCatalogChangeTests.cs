using Portal.Catalog;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Reading;

namespace Portal.Tests.Tokens;

/// <summary>The catalog is configuration: after a restart it may lack what tokens use, or contain more.</summary>
public sealed class TokenCatalogChangeTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("portal-test-").FullName;
    private string _handle = "";

    public async ValueTask InitializeAsync()
    {
        await using var portal = await TestPortal.CreateAsync(_directory);
        _handle = (await portal.CreateAsync(TestTokens.Wanted("Both", TestTokens.Agreements, TestTokens.Billing))).Handle;
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_directory, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Details_ModuleGone_AreShownWithItNoLongerOfferedAndNotGranted()
    {
        await using var portal = await TestPortal.CreateAsync(_directory, catalog: WithoutBilling);

        var token = await portal.DetailsAsync(_handle);

        var gone = Assert.Single(token.Permissions, module => !module.Offered);
        Assert.Equal((TestTokens.Billing, "Billing", false), (gone.ModuleId, gone.ModuleName, gone.Enabled));
        Assert.Equal(1, token.ModuleCount);
        Assert.Equal([TestTokens.Agreements], token.Choice.ModuleIds);
        var row = Assert.Single(await portal.ListAsync(new TokenQuery()));
        Assert.Equal(1, row.ModuleCount);
        Assert.Single(await portal.ListAsync(new TokenQuery { ModuleId = TestTokens.Billing }));
    }

    [Fact]
    public async Task Edit_ModuleGone_KeepsItsGrantForWhenItComesBack()
    {
        await using (var portal = await TestPortal.CreateAsync(_directory, catalog: WithoutBilling))
            await EditAsync(portal, token => TokenServiceEditTests.EditOf(token) with { Name = "New", Modules = new ModuleChoice(false, ["MD-0004"]) });

        await using (var portal = await TestPortal.CreateAsync(_directory))
        {
            var token = await portal.DetailsAsync(_handle);
            Assert.Equal("New", token.Name);
            Assert.Equal([TestTokens.Billing, "MD-0004"], token.Permissions.Where(module => module.Enabled).Select(module => module.ModuleId));
        }
    }

    [Fact]
    public async Task Edit_EveryModuleGone_LetsTheNameBeChangedWithoutPickingAModule()
    {
        await using var portal = await TestPortal.CreateAsync(_directory, catalog: catalog =>
        {
            WithoutBilling(catalog);
            catalog.Modules.RemoveAll(module => module.Id == TestTokens.Agreements);
            catalog.Extensions.RemoveAll(extension => extension.Id == "EXT-001");
        });
        Assert.Empty((await portal.DetailsAsync(_handle)).Choice.ModuleIds);

        await EditAsync(portal, token => TokenServiceEditTests.EditOf(token) with { Name = "New" });

        Assert.Equal("New", (await portal.DetailsAsync(_handle)).Name);
        Assert.Equal(2, (await portal.DetailsAsync(_handle)).Permissions.Count(module => !module.Offered));
    }

    [Fact]
    public async Task Edit_PickingAModuleThatIsGone_IsRefused()
    {
        await using var portal = await TestPortal.CreateAsync(_directory, catalog: WithoutBilling);
        var token = await portal.DetailsAsync(_handle);

        var outcome = await portal.Tokens.EditAsync(
            portal.Operator, _handle, TokenServiceEditTests.EditOf(token) with { Modules = new ModuleChoice(false, [TestTokens.Agreements, TestTokens.Billing]) }, token.Version);

        Assert.Equal(TokenField.Permissions, Assert.Single(Assert.IsType<TokenOutcome.Invalid>(outcome).Faults).Field);
    }

    [Fact]
    public async Task Details_ExtensionGone_NameItAsNoLongerOfferedAndStayEditable()
    {
        await using var portal = await TestPortal.CreateAsync(
            _directory, catalog: catalog => catalog.Extensions.RemoveAll(extension => extension.Id == "EXT-000"));

        var token = await portal.DetailsAsync(_handle);

        Assert.Equal((false, "custom - EXT-000"), (token.Extension.Offered, token.Extension.Label));
        Assert.Equal(token.Extension, Assert.Single(await portal.ListAsync(new TokenQuery { ExtensionId = "EXT-000" })).Extension);
        await EditAsync(portal, seen => TokenServiceEditTests.EditOf(seen) with { Modules = new ModuleChoice(false, [TestTokens.Billing]) });
        Assert.Equal(1, (await portal.DetailsAsync(_handle)).ModuleCount);
        var outcome = await portal.Tokens.CreateAsync(portal.Operator, TestTokens.Wanted("Another"));
        Assert.Equal(TokenField.Extension, Assert.Single(Assert.IsType<TokenOutcome.Invalid>(outcome).Faults).Field);
    }

    [Fact]
    public async Task Details_ModuleAdded_IsEnabledOnlyWithAllModules()
    {
        string full;
        await using (var portal = await TestPortal.CreateAsync(_directory))
            full = (await portal.CreateAsync(TestTokens.Wanted("Full") with { Modules = ModuleChoice.All })).Handle;

        await using (var portal = await TestPortal.CreateAsync(
            _directory, catalog: catalog => catalog.Modules.Add(new CatalogOptions.ModuleOptions { Id = "MD-0099", Name = "New", Paths = { "/new" } })))
        {
            Assert.False((await portal.DetailsAsync(_handle)).Permissions.Single(module => module.ModuleId == "MD-0099").Enabled);
            Assert.True((await portal.DetailsAsync(full)).Permissions.Single(module => module.ModuleId == "MD-0099").Enabled);
        }
    }

    [Fact]
    public async Task List_SortedByPermissions_CountsOnlyWhatIsOffered()
    {
        await using var portal = await TestPortal.CreateAsync(_directory, catalog: WithoutBilling);
        await portal.CreateAsync(TestTokens.Wanted("Two", TestTokens.Agreements, "MD-0004"));

        var rows = await portal.ListAsync(new TokenQuery { Sort = TokenSort.Permissions, Descending = false });

        Assert.Equal([("Both", 1), ("Two", 2)], rows.Select(row => (row.Name, row.ModuleCount)));
    }

    [Fact]
    public async Task List_OfAModuleThatIsGone_LeavesOutAllModules()
    {
        await using var portal = await TestPortal.CreateAsync(_directory, catalog: WithoutBilling);
        await portal.CreateAsync(TestTokens.Wanted("Full") with { Modules = ModuleChoice.All });

        Assert.Equal(["Both"], (await portal.ListAsync(new TokenQuery { ModuleId = TestTokens.Billing })).Select(row => row.Name));
    }

    private static void WithoutBilling(CatalogOptions catalog) => catalog.Modules.RemoveAll(module => module.Id == TestTokens.Billing);

    private async Task EditAsync(TestPortal portal, Func<TokenDetails, TokenEdit> edit)
    {
        var token = await portal.DetailsAsync(_handle);
        Assert.IsType<TokenOutcome.Done>(await portal.Tokens.EditAsync(portal.Operator, _handle, edit(token), token.Version));
    }
}
