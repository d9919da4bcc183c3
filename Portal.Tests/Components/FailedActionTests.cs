using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Components.Shared;
using Portal.IpRules;
using Portal.IpRules.Screen;
using Portal.Tests.Hosting;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Details;
using Portal.Tokens.List;
using Portal.Tokens.Reading;

namespace Portal.Tests.Components;

/// <summary>Every action of every page and dialog, with each kind of failure: the error is shown in place, the content stays, and the same action
/// succeeds once the cause is gone.</summary>
public sealed class FailedActionTests : FailingPageContext
{
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
        Database.Fail(FailingDatabase.DiskFull);
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

    /// <summary>A component with another base class would pass its failures to a boundary that discards its content, and a dialog without its own
    /// area would show them behind itself.</summary>
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

    private async Task<IRenderedComponent<IComponent>> ShowDetailsAsync()
    {
        var handle = (await Server.CreateAsync()).Handle;
        return Show<TokenDetailsPage>($"/tokens/{handle}", Role.Administrator, handle);
    }
}
