using Bunit;
using Microsoft.AspNetCore.Components.Routing;
using Portal.Access;
using Portal.Tests.Support;
using Portal.Tokens.Create;
using Portal.Tokens.Reading;

namespace Portal.Tests.Tokens.Create;

/// <summary>The step in the address: the browser's Back, a reload, and the summary that was left.</summary>
public sealed class WizardAddressTests : WizardTestContext
{
    [Fact]
    public async Task Next_EachStep_IsInTheAddress()
    {
        var page = Open();
        await page.Field("Name").InputAsync("Shop");

        await NextAsync(page);
        Assert.Equal("/tokens/create?step=2", Address);
        await page.Button("Back").ClickAsync();

        Assert.Equal(("/tokens/create", "General"), (Address, StepOf(page)));
    }

    [Fact]
    public async Task BrowserBack_FromAStep_GoesToThePreviousOneWithEveryAnswer()
    {
        var page = Open();
        await AnswerAllAsync(page);

        await GoAsync(page, "/tokens/create?step=3");
        Assert.Equal("Extension", StepOf(page));
        await GoAsync(page, "/tokens/create");
        Assert.Equal(("General", "Shop"), (StepOf(page), page.Field("Name").GetAttribute("value")));
        await GoAsync(page, "/tokens/create?step=4");

        Assert.Equal("Permissions", StepOf(page));
        Assert.Equal(["Agreements"], page.Picked("checkbox"));
        Assert.Empty(Dialogs.FindAll("h2"));
    }

    [Theory]
    [InlineData("4")]
    [InlineData("5")]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("99999999999")]
    public void Open_AtAStepWithoutADraft_StartsWithGeneral(string step)
    {
        SignIn(Role.Operator);
        Navigation.NavigateTo($"/tokens/create?step={step}");

        var page = Render<TokenCreate>();

        Assert.Equal(("General", "/tokens/create"), (StepOf(page), Address));
    }

    [Fact]
    public async Task BrowserForward_PastAStepWithAnError_StopsThere()
    {
        var page = Open();

        await GoAsync(page, "/tokens/create?step=4");

        Assert.Equal("General", StepOf(page));
    }

    /// <summary>The summary was left by the address bar, so nothing asked and the tab still has it.</summary>
    [Fact]
    public async Task Open_SummaryWasLeftByTheAddressBar_StartsANewToken()
    {
        var first = Open();
        await AnswerAllAsync(first);
        await NextAsync(first);
        Assert.Equal("/tokens/create?step=5", Address);
        var kept = Kept;
        await DisposeComponentsAsync();
        Navigation.NavigateTo("/tokens/create");

        var page = Reopen(kept);

        Assert.Equal("General", StepOf(page));
        Assert.Empty(page.FindAll(".note"));
    }

    [Fact]
    public async Task BrowserBack_FromTheSummary_LeadsToTheList()
    {
        var page = Open();
        await AnswerAllAsync(page);
        await NextAsync(page);

        await page.InvokeAsync(() => Navigation.NavigateTo("/tokens/create?step=3"));

        await UntilAsync(() => Address == "/tokens");
        Assert.Null(Kept);
        Assert.Single(await Server.ListAsync(new TokenQuery()));
    }

    [Fact]
    public async Task Render_TypedText_AsksBeforeTheTabIsClosed()
    {
        var page = Open();
        Assert.False(page.FindComponent<NavigationLock>().Instance.ConfirmExternalNavigation);

        await page.Field("Name").InputAsync("S");
        Assert.True(page.FindComponent<NavigationLock>().Instance.ConfirmExternalNavigation);

        await AnswerAllAsync(page);
        await NextAsync(page);
        Assert.False(page.FindComponent<NavigationLock>().Instance.ConfirmExternalNavigation);
    }

    private async Task GoAsync(IRenderedComponent<TokenCreate> page, string address)
    {
        await page.InvokeAsync(() => Navigation.NavigateTo(address));
        await UntilAsync(() => Address == address);
    }
}
