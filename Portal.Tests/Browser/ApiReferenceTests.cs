using Microsoft.Playwright;
using Portal.Tests.Hosting;
using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Browser;

/// <summary>The page that shows the OpenAPI document: it loads everything from Portal, works with the pages' own policy, and doesn't keep the
/// key.</summary>
[Collection(DemoBrowserTests.Name)]
public sealed class ApiReferenceTests(BrowserEngine engine, DemoProcess demo)
{
    private const string Stored =
        """
        async () => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, await indexedDB.databases(), await caches.keys()])
        """;

    [Fact]
    public async Task Page_WithoutSignIn_TriesACallAndForgetsTheKey()
    {
        await using var visitor = await OpenAsync(dark: false);
        await CheckAsync(visitor, Axe.AllRules, Look.Narrow, Look.Wide);
        foreach (var operation in new[] { "List tokens", "Create a token", "Rotate the calling token", "List extensions" })
            await Expect(visitor.Page.GetByRole(AriaRole.Link, new() { Name = operation }).First).ToBeVisibleAsync();

        await visitor.Page.GetByLabel("Value").First.FillAsync(demo.ApiKey);
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "List tokens" }).First.ClickAsync();
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "(get /auth/tokens)" }).ClickAsync();
        var answered = visitor.Page.WaitForResponseAsync(response => response.Url.Contains("/public/v1/auth/tokens", StringComparison.Ordinal));
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Send get request" }).ClickAsync();

        Assert.Equal(200, (await answered).Status);
        await Expect(visitor.Page.GetByText("200 OK")).ToBeVisibleAsync();
        var secret = demo.ApiKey[^40..];
        Assert.DoesNotContain(secret, await visitor.Page.EvaluateAsync<string>(Stored), StringComparison.Ordinal);
        await visitor.Page.ReloadAsync();
        await visitor.Heading("Portal").WaitForAsync();
        Assert.Equal("", await visitor.Page.GetByLabel("Value").First.InputValueAsync());
        Assert.DoesNotContain(visitor.Requests, url => url.Contains(secret, StringComparison.Ordinal));
        visitor.AssertNoBrowserErrors();
    }

    /// <summary>The elements are the same as in light: only the colors differ.</summary>
    [Fact]
    public async Task Page_InDark_HasEnoughContrast()
    {
        await using var visitor = await OpenAsync(dark: true);
        await CheckAsync(visitor, Axe.Contrast, Look.Dark);
        visitor.AssertNoBrowserErrors();
    }

    private async Task<Visitor> OpenAsync(bool dark)
    {
        var visitor = await Visitor.ArriveAsync(engine, demo.Portal, dark: dark);
        await visitor.Page.GotoAsync("/openapi");
        await visitor.Heading("Portal").WaitForAsync();
        Assert.Equal(dark, await visitor.Page.EvaluateAsync<bool>("() => document.body.classList.contains('dark-mode')"));
        return visitor;
    }

    /// <summary>Excludes the field for the key: Scalar declares it as a combobox without stating whether it is open.</summary>
    private static async Task CheckAsync(Visitor visitor, object rules, params Look[] looks)
    {
        Assert.Equal("ApiKey SU-…:…", await visitor.Page.GetByLabel("Value").First.GetAttributeAsync("placeholder"));
        await Expect(visitor.Link("Back to Portal")).ToHaveAttributeAsync("href", "integrations");
        Assert.DoesNotMatch("(?i)scalar|your_", await visitor.Page.InnerTextAsync("body"));
        foreach (var look in looks)
        {
            await visitor.ShowAsync(look);
            // Firefox's scroll bar takes a part of the width.
            Assert.Equal(0, await visitor.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"));
            Assert.Empty(await Axe.FindViolationsAsync(visitor.Page, rules, exclude: ".code-input-lite__editor"));
        }
    }
}
