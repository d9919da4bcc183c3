using Bunit;
using Portal.Access;
using Portal.Tests.Support;
using Portal.Tokens.Create;
using Portal.Tokens.Reading;

namespace Portal.Tests.Tokens.Create;

/// <summary>Drafts: stored by the tab, restored, abandoned, sent twice.</summary>
public sealed class TokenCreateDraftTests : WizardTestContext
{
    [Fact]
    public async Task Input_EachKeyStroke_IsKeptByTheTab()
    {
        var page = Open();

        await page.Field("Name").InputAsync("Sh");

        Assert.Equal("Sh", DraftSerializer.Read(Kept, Server.Catalog)!.Name);
    }

    [Fact]
    public void Render_DraftInTheTab_ComesBackAtItsStepAndSaysSo()
    {
        var page = Open(draft: Draft(WizardStep.Permissions));

        Assert.Equal("Permissions", StepOf(page));
        Assert.StartsWith("Your draft was restored.", page.Find(".note[role=status]").Words(), StringComparison.Ordinal);
        Assert.Equal(["Billing"], page.Picked("checkbox"));
    }

    [Fact]
    public async Task Next_RestoredDraft_CreatesTheToken()
    {
        var page = Open(draft: Draft(WizardStep.Permissions));

        await NextAsync(page);

        Assert.Equal("Restored", (await Server.DetailsAsync(page.Fact("Handle"))).Name);
    }

    [Fact]
    public async Task Click_StartOver_ForgetsTheDraft()
    {
        var page = Open(draft: Draft(WizardStep.Permissions));

        page.Button("Start over").Click();
        Dialogs.WaitForAssertion(() => Assert.Equal("Start over?", Dialogs.Find("h2").TextContent));
        await Dialogs.Button("Start over").ClickAsync();

        page.WaitForAssertion(() => Assert.Equal("General", StepOf(page)));
        Assert.Equal("", page.Field("Name").GetAttribute("value") ?? "");
        Assert.Null(Kept);
        Assert.Empty(page.FindAll(".note"));
    }

    [Fact]
    public async Task Click_StartOverAndKeep_KeepsTheDraft()
    {
        var page = Open(draft: Draft(WizardStep.Permissions));

        page.Button("Start over").Click();
        Dialogs.WaitForAssertion(() => Dialogs.Button("Keep draft"));
        await Dialogs.Button("Keep draft").ClickAsync();

        Assert.Equal("Permissions", StepOf(page));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{\"CreationId\":\"0198f3a0-0000-7000-8000-000000000001\",\"Modules\":[null]}")]
    public void Render_UnreadableDraft_StartsAnew(string draft)
    {
        var page = Open(draft: draft);

        Assert.Equal("General", StepOf(page));
        Assert.Empty(page.FindAll(".note"));
    }

    [Fact]
    public async Task Render_DraftOfAnExtensionThatIsGone_LeadsToTheStepThatAsks()
    {
        var page = Open(draft: Draft(WizardStep.Permissions, extension: "EXT-999"));

        await NextAsync(page);

        Assert.Equal("Extension", StepOf(page));
        Assert.Equal("This extension is no longer offered. Choose another one.", page.Find("[role=alert]").TextContent);
    }

    [Fact]
    public async Task Submit_TwiceWithoutWaiting_CreatesOneToken()
    {
        var page = Open();
        await AnswerAllAsync(page);
        var form = page.Find("form");

        await Task.WhenAll(form.SubmitAsync(), form.SubmitAsync());

        Assert.Equal("Summary", StepOf(page));
        Assert.Single(await Server.ListAsync(new TokenQuery()));
    }

    [Fact]
    public async Task Submit_SameDraftInASecondTab_ShowsTheOneToken()
    {
        var draft = Draft(WizardStep.Permissions);
        var (first, second) = (Open(draft: draft), Render<TokenCreate>());

        await NextAsync(first);
        await NextAsync(second);

        Assert.Equal(first.Fact("Handle"), second.Fact("Handle"));
        Assert.Single(await Server.ListAsync(new TokenQuery()));
    }

    [Fact]
    public async Task Render_SummaryAfterAReload_ShowsTheTokenAgain()
    {
        var first = Open();
        await AnswerAllAsync(first);
        await NextAsync(first);
        JSInterop.Setup<string?>("portal.readTab", "token-draft:user-Operator").SetResult(Kept);

        var page = Render<TokenCreate>();

        Assert.Equal(("Summary", first.Fact("Handle")), (StepOf(page), page.Fact("Handle")));
        await page.Button("View").ClickAsync();
        var key = page.Find(".key-value").TextContent;
        Assert.StartsWith($"ApiKey {page.Fact("Handle")}:", key, StringComparison.Ordinal);
        Assert.Single(await Server.ListAsync(new TokenQuery()));
    }

    [Fact]
    public async Task Navigate_WithAnswers_AsksFirstAndStays()
    {
        var page = Open();
        await page.Field("Name").InputAsync("Shop");

        page.Button("Cancel").Click();
        Dialogs.WaitForAssertion(() => Assert.Equal("Leave without creating?", Dialogs.Find("h2").TextContent));
        await Dialogs.Button("Stay").ClickAsync();

        await UntilAsync(() => IsNavigationPrevented);
        Assert.Equal("/tokens/create", Address);
        Assert.NotNull(Kept);
    }

    [Fact]
    public async Task Navigate_WithAnswersAndLeave_DiscardsTheDraft()
    {
        var page = Open();
        await page.Field("Name").InputAsync("Shop");

        page.Button("Cancel").Click();
        Dialogs.WaitForAssertion(() => Dialogs.Button("Leave"));
        await Dialogs.Button("Leave").ClickAsync();

        await UntilAsync(() => Address == "/tokens");
        Assert.Null(Kept);
    }

    [Fact]
    public void Navigate_WithoutAnswers_LeavesAtOnce()
    {
        Open().Button("Cancel").Click();

        Assert.Equal("/tokens", Address);
        Assert.Empty(Dialogs.FindAll("h2"));
    }

    [Fact]
    public void Navigate_Viewer_LeavesAtOnce()
    {
        Open(Role.Viewer, Draft(WizardStep.Permissions));

        Navigation.NavigateTo("/tokens");

        Assert.Equal("/tokens", Address);
    }

    private static string Draft(WizardStep step, string extension = "EXT-000")
    {
        var draft = new TokenDraft { Step = step, Name = "Restored", ExtensionId = extension };
        draft.Modules.Set(TestTokens.Billing, true);
        return DraftSerializer.Write(draft);
    }
}
