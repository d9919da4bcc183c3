using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Browser;

[Collection(BrowserTests.Name)]
public sealed class EditTests(BrowserEngine engine, SharedPortal shared)
{
    [Fact]
    public async Task Edit_TwoPeopleAtOnce_TheLaterIsToldAndNothingIsLost()
    {
        await using var first = await shared.ArriveAsync(engine);
        await first.CreateTokenAsync("Shared");
        await first.ClickAsync("Go to details");
        await first.Link("Edit").ClickAsync();
        await first.Page.GetByLabel("Name").WaitForAsync();
        await using var second = await shared.ArriveAsync(engine);
        await second.Link("Shared").ClickAsync();
        await second.Link("Edit").ClickAsync();
        await second.Page.GetByLabel("Name").FillAsync("Named by the second");
        await second.Page.GetByLabel("External ID").FillAsync("S-2");
        await second.ClickAsync("Save changes");
        await second.Heading("Named by the second").WaitForAsync();

        await first.Page.GetByLabel("Name").FillAsync("Named by the first");
        await first.Page.GetByLabel("Description").FillAsync("Written by the first");
        await first.ClickAsync("Save changes");

        await Expect(first.Page.GetByRole(Microsoft.Playwright.AriaRole.Alert)).ToContainTextAsync("saved this token while you were editing it");
        await Expect(first.Page.GetByRole(Microsoft.Playwright.AriaRole.Row, new() { Name = "Name" })).ToContainTextAsync("Named by the second");
        await Expect(first.Page.GetByLabel("Name")).ToHaveValueAsync("Named by the first");
        // Changes that only the second person made are adopted.
        await Expect(first.Page.GetByLabel("External ID")).ToHaveValueAsync("S-2");
        await first.ClickAsync("Take theirs");
        await first.ClickAsync("Save changes");
        await first.Heading("Named by the second").WaitForAsync();
        await Expect(first.Page.GetByText("Written by the first")).ToBeVisibleAsync();
        first.AssertNoBrowserErrors();
    }
}
