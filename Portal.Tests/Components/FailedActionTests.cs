using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Portal.Audit;
using Portal.Authentication.IpRules;
using Portal.Authentication.IpRules.Screen;
using Portal.Components.Shared;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Create;
using Portal.Tokens.Details;
using Portal.Tokens.List;

namespace Portal.Tests.Components;

/// <summary>Every action of every page and dialog, with each kind of failure: it is told in place, what was there stays, and the same
/// action succeeds once the cause is gone.</summary>
public sealed class FailedActionTests : PageTestContext
{
    private readonly FailingDatabase _database = new();

    private protected override Dictionary<string, string?> Settings => new() { ["Tokens:Reveal"] = "Once" };

    private protected override Action<IServiceCollection> Registered => _database.Register;

    [Fact]
    public async Task Wizard_NextAndCreate_KeepTheAnswersAndCreateOnce()
    {
        var page = Show<TokenCreate>("/tokens/create", Role.Operator);
        await page.Field("Name").InputAsync("Shop");
        await FailsAsync(page, () => page.Find("form").SubmitAsync());
        Assert.Equal("Shop", page.Field("Name").GetAttribute("value"));
        await SubmitAsync(page, 3);
        await page.Field("Agreements").ChangeAsync(true);

        await FailsAsync(page, () => page.Find("form").SubmitAsync());
        Assert.True(page.Field("Agreements").HasAttribute("checked"));
        await SubmitAsync(page);

        Assert.StartsWith("Shop is ready.", page.Find(".note").Words(), StringComparison.Ordinal);
        Assert.Single(await Server.ListAsync(new TokenQuery()));
    }

    /// <summary>The database goes away at any moment while a token is created, and nobody can show its key later: pressed until it
    /// works, there is one token and its key is at hand.</summary>
    [Fact]
    public async Task Wizard_DatabaseGoneAtAnyMoment_OneTokenAndItsKey()
    {
        SignIn(Role.Operator);
        for (var after = 0; after < 8; after++)
        {
            var page = Show<TokenCreate>("/tokens/create");
            await page.Field("Name").InputAsync($"Shop {after}");
            await SubmitAsync(page, 3);
            await page.Field("Agreements").ChangeAsync(true);
            _database.Fail(FailingDatabase.DiskFull, after);
            await page.Find("form").SubmitAsync();
            if (!page.HasButton("View"))
            {
                _database.Recover();
                await SubmitAsync(page);
            }

            await page.Button("View").ClickAsync();

            Assert.True(ApiKey.TryParse(page.Find(".key-value").TextContent, out var handle, out _), $"There is no key when the database goes after {after}.");
            _database.Recover();
            Assert.Equal($"Shop {after}", (await Server.DetailsAsync(handle.ToString())).Name);
            if (page.HasButton("Show the token"))
                await page.Button("Show the token").ClickAsync();
            Assert.StartsWith($"Shop {after} is ready.", page.Find(".note").Words(), StringComparison.Ordinal);
            await page.Button("Close").ClickAsync();
        }

        Assert.Equal(8, (await Server.ListAsync(new TokenQuery())).Count);
    }

    [Fact]
    public async Task Wizard_DraftOfADuplicatedTab_MakesATokenOfItsOwn()
    {
        SignIn(Role.Operator);
        var draft = TokenDraft.Start(Server.Catalog, ["90 days"]);
        (draft.Step, draft.Name) = (WizardStep.Permissions, "Second");
        draft.Modules.Set(TestTokens.Agreements, true);
        await Server.CreateAsync(TestTokens.Wanted("First") with { CreationId = draft.CreationId });
        JSInterop.Setup<string?>("portal.readTab", "token-draft:user-Operator").SetResult(DraftText.Write(draft));
        var page = Show<TokenCreate>("/tokens/create");

        await SubmitAsync(page);

        Assert.StartsWith("Second is ready.", page.Find(".note").Words(), StringComparison.Ordinal);
        Assert.Equal(["First", "Second"], (await Server.ListAsync(new TokenQuery())).Select(row => row.Name).Order());
    }

    [Fact]
    public async Task Summary_NewKey_IsShownAndCopiedWhateverTheDatabaseDoes()
    {
        JSInterop.Setup<bool>("portal.copy", _ => true).SetResult(true);
        var page = Show<TokenCreate>("/tokens/create", Role.Operator);
        await page.Field("Name").InputAsync("Shop");
        await SubmitAsync(page, 3);
        await page.Field("Agreements").ChangeAsync(true);
        await SubmitAsync(page);

        var leaving = page.Button("Close").ClickAsync();
        WaitForDialog("Leave without the key?");
        await Dialogs.Button("Stay").ClickAsync();
        await leaving;
        _database.Fail(FailingDatabase.DiskFull);
        await page.Button("View").ClickAsync();
        var shown = page.Find(".key-value").TextContent;
        await page.Button("Copy").ClickAsync();
        await page.Button("Copy curl").ClickAsync();

        Assert.True(ApiKey.TryParse(shown, out _, out _));
        Assert.Equal(shown, Asked("portal.copy")[0].Arguments[0]);
        Assert.Contains(shown, (string)Asked("portal.copy")[1].Arguments[0]!, StringComparison.Ordinal);
        Assert.Empty(page.FindAll("[role=alert]"));
    }

    [Theory]
    [InlineData("Rotate")]
    [InlineData("Renew")]
    public async Task KeyChange_SubmitFails_StaysOpenAndThenHandsOutTheKeyWhateverTheDatabaseDoes(string button)
    {
        var page = await ShowDetailsAsync();
        await OpenMenuAsync(page, "Nightly report");
        Choose(button);
        WaitForDialog($"{button} Nightly report");
        await FailsAsync(Dialogs, () => Dialogs.Button(button).ClickAsync());
        await Dialogs.Button(button).ClickAsync();

        await Dialogs.Button("Done").ClickAsync();
        Assert.True(Dialogs.HasButton("Close without the key"));
        _database.Fail(FailingDatabase.DiskFull);
        await Dialogs.Button("View").ClickAsync();

        Assert.True(ApiKey.TryParse(Dialogs.Find(".key-value").TextContent, out _, out _));
    }

    [Theory]
    [InlineData("Disable")]
    [InlineData("Delete")]
    public async Task Confirmation_ChangeFails_StaysOpenAndSucceedsLater(string button)
    {
        var page = await ShowDetailsAsync();
        await OpenMenuAsync(page, "Nightly report");
        Choose(button);
        WaitForDialog($"{button} Nightly report?");

        await FailsAsync(Dialogs, () => Dialogs.Button(button).ClickAsync());
        await Dialogs.Button(button).ClickAsync();

        Dialogs.WaitForAssertion(() => Assert.Empty(Dialogs.FindAll("h2")));
        Assert.NotEqual(TokenStatus.Active, await Server.StatusAsync((await Server.ListAsync(new TokenQuery { WithDeleted = true }))[0].Handle));
    }

    [Fact]
    public async Task Details_ViewCopyTabsAndEnable_TellInPlace()
    {
        var handle = (await Server.CreateAsync()).Handle;
        await Server.Tokens.DisableAsync(Server.Operator, handle);
        var page = Show<TokenDetailsPage>($"/tokens/{handle}", Role.Administrator, handle);
        foreach (var button in (string[])["View", "Copy"])
            await FailsAsync(page, () => page.Button(button).ClickAsync());
        var tab = 0;
        await FailsAsync(page, () => page.Button(tab++ % 2 == 0 ? "Statistics" : "Permissions").ClickAsync());
        Assert.Equal("Nightly report", page.Find("h1").TextContent);

        await FailsAsync(page, async () =>
        {
            await OpenMenuAsync(page, "Nightly report");
            Choose("Enable");
        });
        Assert.Equal(TokenStatus.Inactive, await Server.StatusAsync(handle));
    }

    [Fact]
    public async Task Edit_Save_KeepsWhatWasTyped()
    {
        var handle = (await Server.CreateAsync()).Handle;
        var page = Show<TokenEditPage>($"/tokens/{handle}/edit", Role.Operator, handle);
        await page.Field("Description").InputAsync("Typed");

        await FailsAsync(page, () => page.Find("form").SubmitAsync());
        Assert.Equal("Typed", page.Field("Description").GetAttribute("value"));
        await page.Find("form").SubmitAsync();

        Assert.Equal("Typed", (await Server.DetailsAsync(handle)).Description);
    }

    [Fact]
    public async Task List_SortFilterAndMenu_KeepTheRows()
    {
        await Server.CreateAsync();
        var page = Show<TokenList>("/tokens", Role.Administrator);
        page.WaitForElement("tbody tr");

        await FailsAsync(page, () => page.Find("th button").ClickAsync());
        await FailsAsync(page, () => page.Field("Module").ChangeAsync(page.Field("Module").GetAttribute("value") == TestTokens.Billing ? "" : TestTokens.Billing));
        await FailsAsync(page, async () =>
        {
            await OpenMenuAsync(page, "Nightly report");
            Choose("Disable");
        });
        Assert.Single(page.FindAll("tbody tr"));
    }

    [Fact]
    public async Task IpRules_AddAndRemove_KeepTheForm()
    {
        Services.AddSingleton(Server.Services.GetRequiredService<IpRuleService>());
        Services.AddSingleton(Server.Services.GetRequiredService<IpRulePreviewer>());
        await Server.Services.GetRequiredService<IpRuleService>().AddAsync(Server.Administrator, new NewIpRule(null, "192.0.2.7"));
        var page = Show<IpRulesPage>("/integrations/ip-rules", Role.Administrator);
        page.WaitForElement("tbody tr");
        page.Field("Address or range").Input("192.0.2.0/24");

        await FailsAsync(page, () => page.Find("form").SubmitAsync());
        Assert.Equal("192.0.2.0/24", page.Field("Address or range").GetAttribute("value"));
        await FailsAsync(page, () => page.Button("Remove the rule 192.0.2.7").ClickAsync());
        await page.Find("form").SubmitAsync();

        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("tbody tr").Count));
    }

    /// <summary>A component with another base class would hand its failures to a boundary that discards what it surrounds, and a
    /// dialog without an area of its own would show them behind itself.</summary>
    [Fact]
    public void Components_All_ReportFailuresInPlace()
    {
        var others = typeof(ActionComponent).Assembly.GetTypes()
            .Where(type => typeof(IComponent).IsAssignableFrom(type) && !type.IsAbstract && !typeof(ActionComponent).IsAssignableFrom(type) && type != typeof(ActionArea))
            .Where(type => !typeof(LayoutComponentBase).IsAssignableFrom(type));
        Assert.Empty(others);
        var dialogs = Directory.EnumerateFiles(Path.Combine(Built.SourceRoot, "Portal"), "*.razor", SearchOption.AllDirectories)
            .Where(file => File.ReadAllText(file).Contains("<MudDialog ", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(dialogs);
        Assert.All(dialogs, file => Assert.Contains("<ActionArea @ref=\"Area\">", File.ReadAllText(file), StringComparison.Ordinal));
    }

    private async Task FailsAsync(IRenderedComponent<IComponent> page, Func<Task> action)
    {
        foreach (var failure in FailingDatabase.Failures)
        {
            _database.Fail(failure);
            await action();
            page.WaitForAssertion(() => Assert.Contains(FaultWords.For(failure, ""), Assert.Single(page.FindAll(".action-failure[role=alert]")).Words() + " ", StringComparison.Ordinal));
            _database.Recover();
        }
    }

    private static async Task SubmitAsync(IRenderedComponent<IComponent> page, int times = 1)
    {
        for (var i = 0; i < times; i++)
            await page.Find("form").SubmitAsync();
    }

    private async Task<IRenderedComponent<IComponent>> ShowDetailsAsync()
    {
        var handle = (await Server.CreateAsync()).Handle;
        return Show<TokenDetailsPage>($"/tokens/{handle}", Role.Administrator, handle);
    }

    private IRenderedComponent<IComponent> Show<TPage>(string address, Role role, string? handle = null) where TPage : IComponent
    {
        SignIn(role);
        return Show<TPage>(address, handle);
    }

    /// <summary>In an area, as the layout has one.</summary>
    private IRenderedComponent<IComponent> Show<TPage>(string address, string? handle = null) where TPage : IComponent
    {
        Navigation.NavigateTo(address);
        return Render(outer =>
        {
            outer.OpenComponent<ActionArea>(0);
            outer.AddAttribute(1, nameof(ActionArea.ChildContent), (RenderFragment)(inner =>
            {
                inner.OpenComponent<TPage>(0);
                if (handle is not null)
                    inner.AddAttribute(1, "Handle", handle);
                inner.CloseComponent();
            }));
            outer.CloseComponent();
        });
    }
}
