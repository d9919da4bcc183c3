using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Browser;

[Collection(BrowserTests.Name)]
public sealed class ThemeTests(BrowserEngine engine, SharedPortal shared)
{
    private const string Background = "() => getComputedStyle(document.body).backgroundColor";

    [Fact]
    public async Task Theme_FollowsTheSystem_AndAChoiceIsInTheFirstResponse()
    {
        await using var visitor = await Visitor.ArriveAsync(engine, shared.Process, dark: true);
        // Redirects to the sign-in page, or to the setup while there are no users.
        await visitor.Page.GotoAsync("/");
        var dark = await visitor.Page.EvaluateAsync<string>(Background);
        await visitor.ClickAsync("Light");
        await Expect(visitor.Button("Light")).ToHaveAttributeAsync("aria-pressed", "true");
        await visitor.Page.WaitForFunctionAsync($"dark => ({Background})() !== dark", dark);
        var light = await visitor.Page.EvaluateAsync<string>(Background);

        var response = await visitor.Page.ReloadAsync();

        // The page is light before any script has run, so nothing flashes.
        Assert.Contains("data-theme=\"light\"", await response!.TextAsync(), StringComparison.Ordinal);
        Assert.Equal(light, await visitor.Page.EvaluateAsync<string>(Background));
        await visitor.ClickAsync("System");
        await visitor.Page.WaitForFunctionAsync($"dark => ({Background})() === dark", dark);
        visitor.AssertNoBrowserErrors();
    }
}
