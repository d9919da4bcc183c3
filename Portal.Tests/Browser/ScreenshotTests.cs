using Portal.Tests.Hosting;
using Portal.Tests.Support;

namespace Portal.Tests.Browser;

/// <summary>Takes the screenshot for the README in every run. If PORTAL_SCREENSHOTS is set, stores it in that folder.</summary>
[Collection(DemoBrowserTests.Name)]
public sealed class ScreenshotTests(BrowserEngine engine, DemoProcess demo)
{
    private const int Largest = 300 * 1024;

    [Fact]
    public async Task List_OfTheDemonstration_MakesThePictureOfTheReadme()
    {
        await using var visitor = await Visitor.ArriveAsync(engine, demo.Portal);
        await visitor.SignInAsync(demo.Email, demo.Password);
        await visitor.Page.GetByRole(Microsoft.Playwright.AriaRole.Table).WaitForAsync();

        var picture = await visitor.Page.ScreenshotAsync();

        Assert.InRange(picture.Length, 10 * 1024, Largest);
        if (Environment.GetEnvironmentVariable("PORTAL_SCREENSHOTS") is { Length: > 0 } folder)
            await File.WriteAllBytesAsync(Path.Combine(Built.SourceRoot, folder, "tokens.png"), picture, Xunit.TestContext.Current.CancellationToken);
        visitor.AssertNoBrowserErrors();
    }
}
