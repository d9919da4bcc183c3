using Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Browser;

[Collection(BrowserTests.Name)]
public sealed class ThemeTests(Chromium chromium)
{
    private const string Background = "() => getComputedStyle(document.body).backgroundColor";

    [Fact]
    public async Task Theme_FollowsTheSystem_AndAChoiceIsInTheFirstResponse()
    {
        await using var portal = await PortalProcess.StartAsync();
        await using var visitor = await Visitor.ArriveAsync(chromium.Browser, portal, dark: true);
        await visitor.Page.GotoAsync("/setup");
        var dark = await visitor.Page.EvaluateAsync<string>(Background);
        await visitor.ClickAsync("Light");
        await Expect(visitor.Button("Light")).ToHaveAttributeAsync("aria-pressed", "true");
        var light = await visitor.Page.EvaluateAsync<string>(Background);
        Assert.NotEqual(dark, light);

        var response = await visitor.Page.ReloadAsync();

        // The page is light before any script has run: nothing flashes.
        Assert.Contains("data-theme=\"light\"", await response!.TextAsync(), StringComparison.Ordinal);
        Assert.Equal(light, await visitor.Page.EvaluateAsync<string>(Background));
        await visitor.ClickAsync("System");
        Assert.Equal(dark, await visitor.Page.EvaluateAsync<string>(Background));
        visitor.AssertUntroubled();
    }
}
