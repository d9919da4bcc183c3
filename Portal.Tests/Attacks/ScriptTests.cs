using Microsoft.Playwright;
using Portal.Tests.Browser;
using Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Attacks;

/// <summary>Markup and scripts in every text field, stored and in addresses, are shown as text wherever they appear.</summary>
[Collection(BrowserTests.Name)]
public sealed class ScriptTests(BrowserEngine engine)
{
    private const string Script = """'"><img src=x onerror=hit()><script>hit()</script>{{7*7}}""";
    private const string Team = "O" + Script;

    [Fact]
    public async Task EveryTextField_MarkupAndScript_IsShownAsText()
    {
        // A separate one, because others would see the names and rules.
        await using var portal = await PortalProcess.StartAsync();
        await using var ada = await Visitor.ArriveAsync(engine, portal);
        await ada.SetUpAsync(portal);
        var name = "T" + Script;
        await CreateAsync(ada, name);
        await CheckAsync(ada, "summary");
        await ada.ClickAsync("Go to details");
        await Expect(ada.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync(name);
        var details = new Uri(ada.Page.Url).AbsolutePath;
        foreach (var tab in (string[])["", "?tab=statistics", "?tab=permissions"])
            await VisitAsync(ada, details + tab, name);
        await VisitAsync(ada, details, Team);
        await VisitAsync(ada, details + "/edit", null);
        await AddRuleAsync(ada, details, "R" + Script);
        await VisitAsync(ada, "integrations/ip-rules", "R" + Script);
        await RenameAsync(ada, "A" + Script);
        await VisitAsync(ada, "users", "A" + Script);
        await VisitAsync(ada, $"tokens?q={Uri.EscapeDataString(name)}", name);
        await SaveViewAsync(ada, "V" + Script);
        await VisitAsync(ada, "tokens?columns=owner", Team);
        await VisitAsync(ada, "tokens", name);
        await OpenDialogAsync(ada, name);
        foreach (var parameter in (string[])["q", "columns", "status", "sort", "module", "extension", "owner", "created-by"])
            await VisitAsync(ada, $"tokens?{parameter}={Uri.EscapeDataString(Script)}", null);
        ada.AssertNoBrowserErrors();
    }

    private static async Task CreateAsync(Visitor ada, string name)
    {
        await ada.Page.GotoAsync("tokens/create");
        await ada.Page.GetByLabel("Name").FillAsync(name);
        await ada.Page.GetByLabel("External ID").FillAsync("E" + Script);
        await ada.Page.GetByLabel("Description").FillAsync("D" + Script);
        await ada.Page.GetByLabel("Owner").SelectOptionAsync("another");
        await ada.Page.GetByLabel("Team").FillAsync(Team);
        await ada.ClickAsync("Next");
        await ada.Page.GetByLabel("90 days").WaitForAsync();
        await ada.ClickAsync("Next");
        await ada.Page.GetByLabel("Zapier").WaitForAsync();
        await ada.ClickAsync("Next");
        await ada.Page.GetByLabel("Agreements").CheckAsync();
        await ada.ClickAsync("Create");
        await ada.Button("Go to details").WaitForAsync();
    }

    private static async Task RenameAsync(Visitor ada, string name)
    {
        await ada.Page.GotoAsync("profile");
        await ada.Page.GetByLabel("Name", new() { Exact = true }).FillAsync(name);
        await ada.ClickAsync("Save name");
        await Expect(ada.Page.Locator(".user-name")).ToContainTextAsync(name);
        await CheckAsync(ada, "profile");
    }

    private static async Task AddRuleAsync(Visitor ada, string details, string label)
    {
        await ada.Page.GotoAsync(details);
        await ada.ClickAsync("Add rule");
        var dialog = ada.Page.GetByRole(AriaRole.Dialog);
        // The dialog moves the focus when it is open.
        await Expect(dialog.GetByLabel("Address or range")).ToBeFocusedAsync();
        await dialog.GetByLabel("Address or range").FillAsync("127.0.0.1");
        await dialog.GetByLabel("Label").FillAsync(label);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Add rule" }).ClickAsync();
        await Expect(ada.Page.GetByText(label).First).ToBeVisibleAsync();
        await CheckAsync(ada, "rule");
    }

    private static async Task SaveViewAsync(Visitor ada, string name)
    {
        await ada.Page.GetByText("Views", new() { Exact = true }).First.ClickAsync();
        await ada.Page.GetByLabel("Save the current view as").FillAsync(name);
        await ada.ClickAsync("Save view");
        await Expect(ada.Page.GetByText(name).First).ToBeVisibleAsync();
        await CheckAsync(ada, "view");
        await ada.Page.GetByRole(AriaRole.Button, new() { Name = $"Delete the view {name}" }).ClickAsync();
    }

    private static async Task OpenDialogAsync(Visitor ada, string name)
    {
        await ada.Page.GetByRole(AriaRole.Button, new() { Name = $"Actions for {name}" }).ClickAsync();
        await ada.Page.GetByRole(AriaRole.Menuitem, new() { Name = "Disable" }).ClickAsync();
        await Expect(ada.Page.GetByRole(AriaRole.Dialog)).ToContainTextAsync(name);
        await CheckAsync(ada, "dialog");
        await ada.Page.Keyboard.PressAsync("Escape");
    }

    /// <param name="shown">A text that the page shows; null: it only must not run.</param>
    private static async Task VisitAsync(Visitor ada, string path, string? shown)
    {
        await ada.Page.GotoAsync(path);
        await ada.Page.Locator("main h1").First.WaitForAsync();
        if (shown is not null)
            await Expect(ada.Page.Locator("main").GetByText(shown).Locator("visible=true").First).ToBeVisibleAsync();
        await CheckAsync(ada, path);
    }

    /// <summary>The elements of the text would be in the page, even if the content security policy stopped its scripts.</summary>
    private static async Task CheckAsync(Visitor ada, string place)
    {
        var found = await ada.Page.EvaluateAsync<string[]>(
            "() => [...document.querySelectorAll('img[src=\"x\"], [onerror]'), ...[...document.scripts].filter(script => script.textContent.includes('hit('))].map(element => element.outerHTML)");
        Assert.True(found.Length == 0, $"{place}: {string.Join('\n', found)}");
    }
}
