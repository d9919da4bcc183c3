using Microsoft.Playwright;
using Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Browser;

/// <summary>Disturbances of an open page: it explains what happened and how to continue, and no typed text is lost.</summary>
[Collection(MoreBrowserTests.Name)]
public sealed class DisturbedPageTests(BrowserEngine engine, SharedPortal shared)
{
    private const string Insert = "text => document.execCommand('insertText', false, text)";
    private static readonly string Long = new('x', 40_000);

    [Fact]
    public async Task LongPaste_IntoAnyField_IsToldAndThePageGoesOn()
    {
        await using var portal = await PortalProcess.StartAsync();
        await using var ada = await Visitor.ArriveAsync(engine, portal);
        await ada.SetUpAsync(portal);
        await ada.CreateTokenAsync("Nightly export");
        await ada.ClickAsync("Close");
        await ada.Page.GetByRole(AriaRole.Table).WaitForAsync();
        await ada.Page.GotoAsync("/tokens/create");
        await ada.Page.GetByLabel("Name").FillAsync("Keep me");
        await PasteAsync(ada, "Description", Long);
        var told = ada.Page.GetByText("Use at most 255 characters. This text has 4,000 characters or more.");
        await Expect(told).ToBeVisibleAsync();
        await ada.ClickAsync("Next");
        await Expect(told).ToBeVisibleAsync();
        Assert.Equal((7, 40_000), ((await ada.Page.GetByLabel("Name").InputValueAsync()).Length, (await ada.Page.GetByLabel("Description").InputValueAsync()).Length));
        await ada.Page.GetByLabel("Description").FillAsync("Short");
        // Half a surrogate pair, which a server can't read.
        await ada.Page.GetByLabel("External ID").EvaluateAsync("field => { field.value = 'a\\ud83d'; field.dispatchEvent(new Event('input', { bubbles: true })); }");
        await ada.ClickAsync("Next");
        await Expect(ada.Page.GetByLabel("90 days")).ToBeVisibleAsync();

        await ada.Page.GotoAsync("/tokens");
        await ada.Page.GetByRole(AriaRole.Table).WaitForAsync();
        await PasteAsync(ada, "Search", Long);
        await Expect(ada.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Use at most 128 characters. This text has 10,000 characters or more.");
        Assert.EndsWith("/tokens", ada.Page.Url, StringComparison.Ordinal);
        // The largest message that the page sends: three bytes per character.
        await ada.Page.GetByLabel("Search", new() { Exact = true }).FillAsync("");
        await Expect(ada.Page.GetByRole(AriaRole.Alert)).ToHaveCountAsync(0);
        await PasteAsync(ada, "Search", new string('\u65E5', 40_000));
        await Expect(ada.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("This text has 10,000 characters or more.");
        await ada.Page.GotoAsync("/integrations/ip-rules");
        await PasteAsync(ada, "Address or range", string.Concat(Enumerable.Repeat("\U0001F511", 20_000)));
        await ada.ClickAsync("Add rule");
        await Expect(ada.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Use at most");
        await ada.Page.GetByLabel("Address or range").FillAsync("127.0.0.1");
        await ada.ClickAsync("Add rule");
        await Expect(ada.Page.GetByText("The rule was added")).ToBeVisibleAsync();
        ada.AssertNoBrowserErrors();
    }

    [Fact]
    public async Task KeyPasted_IntoTheSearchOrTheAddress_StandsInNoAddressAndIsTraced()
    {
        await using var ada = await shared.ArriveAsync(engine);
        await ada.CreateTokenAsync("Pasted export");
        var key = await ada.CopyKeyAsync();
        await ada.ClickAsync("Close");
        await ada.Page.GetByRole(AriaRole.Table).WaitForAsync();

        await PasteAsync(ada, "Search", $"curl -H \"Authorization: {key}\"");
        await Expect(ada.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("is the current key of \"Pasted export\"");
        await Expect(ada.Page.GetByLabel("Search")).ToHaveValueAsync("");
        await ada.Page.GotoAsync("/tokens?q=" + Uri.EscapeDataString(key));
        await Expect(ada.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("is the current key of \"Pasted export\"");
        await Expect(ada.Page).ToHaveURLAsync(shared.Process.Address + "/tokens");
        await ada.Page.GoBackAsync();
        Assert.DoesNotContain(key[^40..], ada.Page.Url, StringComparison.Ordinal);
        Assert.DoesNotContain(key[^40..], shared.Process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Edit_PageBrokenByAnExtension_SaysSoAndGivesBackWhatWasTyped()
    {
        await using var ada = await shared.ArriveAsync(engine);
        await ada.CreateTokenAsync("Disturbed export");
        await ada.ClickAsync("Go to details");
        await ada.Link("Edit").ClickAsync();
        await ada.Page.GetByLabel("Description").FillAsync("Typed and not saved");
        await Expect(ada.Heading("What will change")).ToBeVisibleAsync();

        // Simulates translators and other extensions.
        await ada.Page.EvaluateAsync(
            """
            () => {
              const texts = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT), all = [];
              while (texts.nextNode()) all.push(texts.currentNode);
              for (const text of all) { const font = document.createElement('font'); font.textContent = text.nodeValue; text.replaceWith(font); }
              document.querySelectorAll('main ul').forEach(list => list.remove());
            }
            """);
        await ada.Page.GetByLabel("Description").FillAsync("");
        await ada.Page.GetByLabel("Description").FillAsync("Typed and not saved either");
        var broken = ada.Page.GetByText("This page stopped working");
        await Expect(broken).ToBeVisibleAsync();
        await ada.Link("Reload the page").ClickAsync();

        await Expect(ada.Page.GetByText("Your changes were restored.")).ToBeVisibleAsync();
        await Expect(ada.Page.GetByLabel("Description")).ToHaveValueAsync(new System.Text.RegularExpressions.Regex("^Typed and not saved"));
    }

    [Fact]
    public async Task Script_BrowserBlocksTheStorageOfTheTab_WorksWithoutIt()
    {
        await using var ada = await shared.ArriveAsync(engine);
        await ada.Page.AddInitScriptAsync("Object.defineProperty(window, 'sessionStorage', { get() { throw new DOMException('Blocked', 'SecurityError'); } });");
        await ada.Page.GotoAsync("/tokens/create");
        await ada.Page.GetByLabel("Name").FillAsync("Without storage");
        await ada.ClickAsync("Next");
        await Expect(ada.Heading("Expiration")).ToBeVisibleAsync();

        // The end of the script has run: the reconnect dialog follows the state that Blazor reports.
        await ada.Page.EvaluateAsync(
            "() => document.getElementById('components-reconnect-modal').dispatchEvent(new CustomEvent('components-reconnect-state-changed', { detail: { state: 'show' } }))");
        await Expect(ada.Page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("The connection was lost");
        ada.AssertNoBrowserErrors();
    }

    private static async Task PasteAsync(Visitor visitor, string label, string text)
    {
        await visitor.Page.GetByLabel(label, new() { Exact = true }).FocusAsync();
        await visitor.Page.EvaluateAsync(Insert, text);
    }
}
