using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Browser;

/// <summary>An open page continues on another node when its node stops or dies.</summary>
[Collection(BrowserTests.Name)]
public sealed class HandoverTests(BrowserEngine engine)
{
    [Fact]
    public async Task Wizard_NodesStopAndDie_ContinuesAndCreatesOneToken()
    {
        await using var nodes = await SeveralNodesBehindNginx.StartAsync();
        await using var ada = await Visitor.ArriveAsync(engine, nodes.First, address: nodes.Address);
        await ada.SetUpAsync(nodes.First);
        var stopped = await nodes.NodeOfAsync(ada.Page);
        await ada.Page.GotoAsync("tokens/create");
        var name = ada.Page.GetByLabel("Name");
        await name.FillAsync("Car");
        await ada.Page.EvaluateAsync("() => { window.isSame = true; }");

        // The person types and clicks while neither node listens.
        await name.EvaluateAsync("""
            field => new MutationObserver((_, observer) => {
                observer.disconnect();
                field.value = "Carried ";
                field.dispatchEvent(new Event("input", { bubbles: true }));
                field.form.querySelector("button[type=submit]").click();
            }).observe(document.documentElement, { attributeFilter: ["data-ready"] })
            """);
        await stopped.StopAsync();
        await ada.Page.GetByLabel("90 days").WaitForAsync();
        await ada.ClickAsync("Back");
        await AssertSamePageAsync(ada, "Carried ");
        ada.AssertNoBrowserErrors();
        Assert.DoesNotContain("fail:", stopped.Output, StringComparison.Ordinal);

        // The network is away for longer than a node keeps the page. Then the node dies.
        var left = await nodes.NodeOfAsync(ada.Page);
        // The node that stopped stored the state as well if the browser was too slow to confirm it.
        await nodes.WaitForAsync("""WITH removed AS (DELETE FROM "PageStates") SELECT true""");
        await name.FocusAsync();
        await ada.Page.RouteAsync("**/_blazor/**", route => route.AbortAsync());
        await ada.Page.EvaluateAsync("() => Blazor._internal.forceCloseConnection()");
        await nodes.WaitForAsync("""SELECT count(*) = 1 FROM "PageStates" """);
        await left.KillAsync();
        await ada.Page.UnrouteAllAsync();
        await ada.ClickAsync("Try again");
        await Expect(ada.Page.GetByRole(Microsoft.Playwright.AriaRole.Dialog)).ToHaveCountAsync(0);
        await Expect(name).ToBeFocusedAsync();
        await ada.Page.Keyboard.TypeAsync("over");
        await AssertSamePageAsync(ada, "Carried over");

        await ada.ClickAsync("Next");
        await ada.Page.GetByLabel("90 days").WaitForAsync();
        await ada.ClickAsync("Next");
        await ada.Page.GetByLabel("Zapier").WaitForAsync();
        await ada.ClickAsync("Next");
        await ada.Page.GetByLabel("Agreements").CheckAsync();
        // The node dies before or after it has created the token.
        var died = await nodes.NodeOfAsync(ada.Page);
        await ada.ClickAsync("Create");
        await died.KillAsync();
        await ada.Page.WaitForFunctionAsync("() => !window.isSame && document.documentElement.dataset.ready");
        await ada.Button("Create").Or(ada.Button("Go to details")).WaitForAsync();
        if (await ada.Button("Create").IsVisibleAsync())
            await ada.ClickAsync("Create");
        await ada.Button("Go to details").WaitForAsync();
        await nodes.WaitForAsync("""SELECT array_agg("Name") = ARRAY['Carried over'] FROM "Tokens" """);
        Assert.Distinct([stopped, left, died]);
    }

    [Fact]
    public async Task List_NodeStopsWhileADialogIsOpen_SaysThatItIsClosedAndKeepsTheSelection()
    {
        await using var nodes = await SeveralNodesBehindNginx.StartAsync();
        await using var ada = await Visitor.ArriveAsync(engine, nodes.First, address: nodes.Address);
        await ada.SetUpAsync(nodes.First);
        await ada.CreateTokenAsync("Car");
        await ada.Page.GotoAsync("tokens");
        var selected = ada.Page.GetByLabel("Select Car");
        await selected.CheckAsync();
        await ada.Page.EvaluateAsync("() => { window.isSame = true; }");
        await ada.ClickAsync("Disable");
        await ada.Page.GetByRole(Microsoft.Playwright.AriaRole.Dialog).WaitForAsync();

        await (await nodes.NodeOfAsync(ada.Page)).StopAsync();

        await Expect(ada.Page.Locator("#reload-notice")).ToContainTextAsync("The open dialog was closed, and what you entered in it is lost.");
        await Expect(ada.Page.GetByRole(Microsoft.Playwright.AriaRole.Dialog)).ToHaveCountAsync(0);
        await Expect(selected).ToBeCheckedAsync();
        Assert.True(await ada.Page.EvaluateAsync<bool>("() => window.isSame === true"), "The page was loaded again.");
        await ada.ClickAsync("Disable");
        await ada.Page.GetByRole(Microsoft.Playwright.AriaRole.Dialog).WaitForAsync();
        ada.AssertNoBrowserErrors();
    }

    private static async Task AssertSamePageAsync(Visitor visitor, string name)
    {
        await Expect(visitor.Page.GetByLabel("Name")).ToHaveValueAsync(name);
        await Expect(visitor.Page.GetByText("Your draft was restored")).ToHaveCountAsync(0);
        Assert.True(await visitor.Page.EvaluateAsync<bool>("() => window.isSame === true"), "The page was loaded again.");
    }
}
