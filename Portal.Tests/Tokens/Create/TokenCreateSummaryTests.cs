using Bunit;
using Portal.Audit;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Create;

namespace Portal.Tests.Tokens.Create;

public sealed class TokenCreateSummaryTests : WizardTestContext
{
    [Fact]
    public async Task Render_Created_SaysWhatWasCreatedAndMasksTheKey()
    {
        var page = await CreateAsync();

        Assert.StartsWith("Shop is ready.", page.Find(".note").Words(), StringComparison.Ordinal);
        Assert.Equal(("Shop", "Custom", "Restricted: Agreements"), (page.Fact("Name"), page.Fact("Extension"), page.Fact("Permissions")));
        var fingerprint = (await Server.DetailsAsync(page.Fact("Handle"))).LiveSecrets.Single().Fingerprint;
        Assert.Equal($"ApiKey {page.Fact("Handle")}:…{fingerprint}", page.Find(".key-value").TextContent);
        Assert.Equal(
            $"curl -H \"Authorization: ApiKey {page.Fact("Handle")}:…{fingerprint}\" http://localhost/public/v1/agreements", page.Find("pre").TextContent);
        Assert.Empty(page.FindAll("button[type=submit]"));
    }

    [Fact]
    public async Task Click_View_ShowsTheRealKeyAndHidesItAfterThirtySeconds()
    {
        var page = await CreateAsync();

        await page.Button("View").ClickAsync();

        var shown = page.Find(".key-value").TextContent;
        Assert.True(await Server.AcceptsAsync(shown.ToApiKey()));
        Assert.Contains(shown, page.Find("pre").TextContent, StringComparison.Ordinal);
        Server.Clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(shown, page.Find(".key-value").TextContent);
        Server.Clock.Advance(TimeSpan.FromSeconds(1));
        page.WaitForAssertion(() => Assert.DoesNotContain(shown[^ApiKey.SecretLength..], page.Markup, StringComparison.Ordinal));
        Assert.True(page.HasButton("View"));
        Assert.Equal([AuditAction.KeyViewed], await KeyActionsAsync());
    }

    [Fact]
    public async Task Click_Copy_HandsTheKeyToTheClipboardWithoutShowingIt()
    {
        JSInterop.Setup<bool>("portal.copy", _ => true).SetResult(true);
        var page = await CreateAsync();

        await page.Button("Copy").ClickAsync();

        var copied = (string)Assert.Single(Asked("portal.copy")).Arguments[0]!;
        Assert.True(await Server.AcceptsAsync(copied.ToApiKey()));
        Assert.DoesNotContain(copied[^ApiKey.SecretLength..], page.Markup, StringComparison.Ordinal);
        Assert.True(page.HasButton("Copied"));
        Assert.Equal([AuditAction.KeyCopied], await KeyActionsAsync());
    }

    [Fact]
    public async Task Click_CopyCurl_HandsTheWholeCommandToTheClipboard()
    {
        JSInterop.Setup<bool>("portal.copy", _ => true).SetResult(true);
        var page = await CreateAsync();

        await page.Button("Copy curl").ClickAsync();

        var copied = (string)Assert.Single(Asked("portal.copy")).Arguments[0]!;
        Assert.Matches("^curl -H \"Authorization: ApiKey SU-[0-9-]{11}:[0-9a-f]{40}\" http://localhost/public/v1/agreements$", copied);
    }

    [Fact]
    public async Task Create_Always_TheTabNeverKeepsTheKey()
    {
        JSInterop.Setup<bool>("portal.copy", _ => true).SetResult(true);
        var page = await CreateAsync();
        await page.Button("Copy").ClickAsync();
        var secret = ((string)Asked("portal.copy")[0].Arguments[0]!)[^ApiKey.SecretLength..];

        Assert.NotEmpty(Asked("portal.writeTab"));
        Assert.All(Asked("portal.writeTab"), call => Assert.DoesNotContain(secret, (string?)call.Arguments[1] ?? "", StringComparison.Ordinal));
        Assert.Equal(WizardStep.Summary, DraftSerializer.Read(Kept, Server.Catalog)!.Step);
    }

    [Theory]
    [InlineData("Close", "/tokens")]
    [InlineData("Go to details", "/tokens/SU-")]
    public async Task Click_Finish_LeavesWithoutAskingAndForgetsTheDraft(string button, string address)
    {
        var page = await CreateAsync();

        await page.Button(button).ClickAsync();

        Assert.StartsWith(address, Address, StringComparison.Ordinal);
        Assert.Null(Kept);
        Assert.Empty(Dialogs.FindAll("h2"));
    }

    private async Task<IRenderedComponent<TokenCreate>> CreateAsync()
    {
        var page = Open();
        await AnswerAllAsync(page);
        await NextAsync(page);
        return page;
    }

    private async Task<IEnumerable<string>> KeyActionsAsync() =>
        (await Server.AuditAsync()).Select(entry => entry.Action).Where(action => action != AuditAction.TokenCreated);
}
