using System.Net;
using System.Net.Http.Json;
using Microsoft.Playwright;
using Portal.Tests.Hosting;
using Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Browser;

/// <summary>Every page with the demonstration's data: accessible, without errors, and within its width.</summary>
[Collection(DemoBrowserTests.Name)]
public sealed class PagesTests(BrowserEngine engine, DemoProcess demo)
{
    [Fact]
    public async Task EveryPage_OfTheDemonstration_IsAccessibleAndFits()
    {
        var creator = await CreateByApiAsync();
        await using var visitor = await Visitor.ArriveAsync(engine, demo.Portal);
        visitor.Looks = [Look.Wide, Look.Narrow, Look.Dark];
        await visitor.Page.GotoAsync("/login");
        await CheckAsync(visitor, "sign-in");
        await visitor.SignInAsync(demo.Email, demo.Password);
        await visitor.Page.GetByRole(AriaRole.Table).WaitForAsync();
        await CheckAsync(visitor, "list");
        await CheckDialogsAsync(visitor);
        await CheckDetailsAsync(visitor);
        await CheckWizardAsync(visitor);
        await visitor.Page.GotoAsync("/integrations");
        await visitor.Heading("General").WaitForAsync();
        await CheckAsync(visitor, "general");
        await visitor.Page.GotoAsync("/integrations/ip-rules");
        await visitor.Heading("No IP rules").WaitForAsync();
        await CheckAsync(visitor, "ip rules");
        await visitor.Page.GotoAsync("/tokens?q=nothing+like+this");
        await visitor.Heading("No token matches").WaitForAsync();
        await CheckAsync(visitor, "no match");
        await visitor.Page.GotoAsync($"/tokens?created-by={creator}");
        await visitor.Button($"Created by {creator}").WaitForAsync();
        await CheckAsync(visitor, "created by a token");
        await visitor.Page.GotoAsync("/tokens/SU-٠٠٠-000-000");
        await visitor.Heading("No such token").WaitForAsync();
        await CheckAsync(visitor, "no such token");
        visitor.AssertNoBrowserErrors();
    }

    /// <summary>Its texts are longer than the English ones.</summary>
    [Fact]
    public async Task German_PreferredByTheBrowser_FitsUntilThePersonChoosesEnglish()
    {
        await using var visitor = await Visitor.ArriveAsync(engine, demo.Portal, narrow: true, locale: "de-AT");
        await visitor.Page.GotoAsync("/login");
        await CheckAsync(visitor, "sign-in");
        await visitor.Page.GetByLabel("E-Mail-Adresse").FillAsync(demo.Email);
        await visitor.Page.GetByLabel("Kennwort").FillAsync(demo.Password);
        await visitor.ClickAsync("Anmelden");
        await visitor.Heading("Token").WaitForAsync();
        await Expect(visitor.Page.GetByText("Eingeschränkt").First).ToBeVisibleAsync();
        await CheckAsync(visitor, "list");
        await visitor.Link("Demo – all modules").ClickAsync();
        foreach (var tab in new[] { "Allgemein", "Berechtigungen", "Statistik" })
        {
            await visitor.Page.GetByRole(AriaRole.Tab, new() { Name = tab }).ClickAsync();
            await Expect(visitor.Page.GetByRole(AriaRole.Tabpanel, new() { Name = tab })).ToBeVisibleAsync();
            await CheckAsync(visitor, tab);
        }

        await visitor.Page.GotoAsync("/tokens/create");
        await visitor.ClickAsync("Weiter");
        await Expect(visitor.Page.GetByText("Geben Sie einen Namen ein.")).ToBeVisibleAsync();
        await CheckAsync(visitor, "general step with a fault");

        await visitor.Page.Locator(".user-button").ClickAsync();
        await visitor.Page.GetByLabel("Sprache").SelectOptionAsync("English");
        await visitor.Heading("Create token").WaitForAsync();
        Assert.Equal("en", await visitor.Page.GetAttributeAsync("html", "lang"));
        visitor.AssertNoBrowserErrors();
    }

    [Fact]
    public async Task Setup_And_NotFound_AreAccessible()
    {
        await using var portal = await PortalProcess.StartAsync();
        await using var visitor = await Visitor.ArriveAsync(engine, portal, narrow: true);
        await visitor.Page.GotoAsync("/tokens");
        await Expect(visitor.Page).ToHaveURLAsync(portal.Address + "/setup");
        await CheckAsync(visitor, "setup");
        await visitor.Page.GetByLabel("Email").FillAsync("not an address");
        await visitor.ClickAsync("Create administrator");
        await Expect(visitor.Page.GetByText("Enter the setup code.")).ToBeVisibleAsync();
        await CheckAsync(visitor, "setup with faults");
        visitor.AssertNoBrowserErrors();
        await visitor.SetUpAsync(portal);

        foreach (var address in new[] { "/setup", "/nowhere" })
        {
            var response = await visitor.Page.GotoAsync(address);
            Assert.Equal(404, response!.Status);
            await visitor.Heading("Not found").WaitForAsync();
            await CheckAsync(visitor, "not found");
        }
    }

    /// <summary>Creates a token with the demonstration's key, so that its details and dialogs show a created token.</summary>
    /// <returns>The handle of the token that created it.</returns>
    private async Task<string> CreateByApiAsync()
    {
        using var client = demo.CreateClient();
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", demo.ApiKey);
        using var created = await client.PostAsJsonAsync("/public/v1/auth/tokens", new { name = $"Created {Guid.CreateVersion7()}", extension = new { id = "EXT-000" } });
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        return demo.ApiKey.Split(' ', ':')[1];
    }

    private static async Task CheckDialogsAsync(Visitor visitor)
    {
        foreach (var action in new[] { "Rotate", "Delete" })
        {
            await visitor.ClickAsync("Actions for Demo – all modules");
            await visitor.Page.GetByRole(AriaRole.Menuitem, new() { Name = action }).WaitForAsync();
            await CheckAsync(visitor, "menu");
            await visitor.Page.GetByRole(AriaRole.Menuitem, new() { Name = action }).ClickAsync();
            await visitor.Button("Cancel").WaitForAsync();
            if (action == "Delete")
                await visitor.Page.GetByRole(AriaRole.Group).GetByText("created with this token").WaitForAsync();
            await CheckAsync(visitor, action);
            await visitor.ClickAsync("Cancel");
            await Expect(visitor.Page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        }
    }

    private static async Task CheckDetailsAsync(Visitor visitor)
    {
        await visitor.Link("Demo – all modules").ClickAsync();
        foreach (var tab in new[] { "General", "Permissions", "Statistics" })
        {
            await visitor.Page.GetByRole(AriaRole.Tab, new() { Name = tab }).ClickAsync();
            await Expect(visitor.Page.GetByRole(AriaRole.Tabpanel, new() { Name = tab })).ToBeVisibleAsync();
            await CheckAsync(visitor, tab);
        }

        await visitor.Page.GetByRole(AriaRole.Img).First.WaitForAsync();
        await CheckAsync(visitor, "statistics with the chart");
        await visitor.Link("Edit").ClickAsync();
        await visitor.Page.GetByLabel("Description").FillAsync("Something else");
        await Expect(visitor.Heading("What will change")).ToBeVisibleAsync();
        await CheckAsync(visitor, "edit");
        await visitor.Link("Cancel").ClickAsync();
        await visitor.ClickAsync("Discard");
    }

    private static async Task CheckWizardAsync(Visitor visitor)
    {
        await visitor.Heading("Demo – all modules").WaitForAsync();
        await visitor.Page.GotoAsync("/tokens/create");
        await visitor.ClickAsync("Next");
        await Expect(visitor.Page.GetByText("Enter a name.")).ToBeVisibleAsync();
        await CheckAsync(visitor, "general step with a fault");
        await visitor.Page.GetByLabel("Name").FillAsync($"Looked at {Guid.CreateVersion7()}");
        await visitor.ClickAsync("Next");
        await visitor.Page.GetByLabel("Custom date").CheckAsync();
        await visitor.ClickAsync("Next");
        await Expect(visitor.Page.GetByText("Enter a date and a time.")).ToBeVisibleAsync();
        await CheckAsync(visitor, "expiration step with a fault");
        await visitor.Page.GetByLabel("Perpetual").CheckAsync();
        await visitor.ClickAsync("Next");
        await visitor.Page.GetByLabel("Zapier").WaitForAsync();
        await CheckAsync(visitor, "extension step");
        await visitor.ClickAsync("Next");
        await visitor.Page.GetByLabel("All modules").WaitForAsync();
        await visitor.ClickAsync("Create");
        await Expect(visitor.Page.GetByText("Choose at least one module")).ToBeVisibleAsync();
        await CheckAsync(visitor, "permissions step with a fault");
        await visitor.Page.GetByLabel("Billing").CheckAsync();
        await visitor.ClickAsync("Create");
        await visitor.Button("Go to details").WaitForAsync();
        await visitor.ClickAsync("View");
        await CheckAsync(visitor, "summary step");
        await visitor.ClickAsync("Close");
        await visitor.Heading("Tokens").WaitForAsync();
    }

    /// <summary>Resolves when nothing in the page has changed for a moment.</summary>
    private const string Settled =
        """
        () => new Promise(resolve => {
          const end = () => { changes.disconnect(); resolve(); };
          let quiet = setTimeout(end, 60);
          const changes = new MutationObserver(() => { clearTimeout(quiet); quiet = setTimeout(end, 60); });
          changes.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
        })
        """;

    /// <summary>Resolves when no animation has run for two frames. The transition of an inherited color starts when that of the parent has ended.</summary>
    private const string Still =
        """
        async () => {
          const frame = () => new Promise(resolve => requestAnimationFrame(resolve));
          const running = () => document.getAnimations().filter(animation => animation.playState === 'running' && animation.effect.getTiming().iterations !== Infinity);
          for (let still = 0; still < 2; still++) {
            await frame();
            if (running().length > 0) still = -1;
            await Promise.all(running().map(animation => animation.finished.catch(() => {})));
          }
        }
        """;

    /// <summary>Checks that apply to every state of every page.</summary>
    internal static async Task CheckAsync(Visitor visitor, string place)
    {
        foreach (var look in visitor.Looks)
        {
            await visitor.ShowAsync(look);
            // The colors are the same at every width.
            await CheckAsync(visitor.Page, look, place, withContrast: look != Look.Narrow || visitor.Looks.Count == 1);
        }

        if (visitor.Looks.Count > 1)
            await visitor.ShowAsync(visitor.Looks[0]);
    }

    private static async Task CheckAsync(IPage page, Look look, string place, bool withContrast)
    {
        // Wait until the page no longer changes: a button that is enabled while axe runs looks like a lack of contrast.
        await page.EvaluateAsync(Settled);
        await page.EvaluateAsync(Still);
        // The elements are the same in dark and light: only the colours differ.
        var violations = await Axe.FindViolationsAsync(page, look.IsDark ? Axe.Contrast : Axe.AllRules, withContrast);
        Assert.True(violations.Length == 0, $"{place}, {look}: {string.Join("; ", violations)}");
        var overflow = await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth");
        Assert.True(overflow <= 0, $"{place}, {look}, is {overflow} px wider than the screen");
    }
}
