using Bunit;
using Portal.Access;
using Portal.Audit;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Details;
using Portal.Tokens.Reading;

namespace Portal.Tests.Tokens.Details;

public sealed class TokenEditPageTests : PageTestContext
{
    [Fact]
    public async Task Render_Token_FillsTheFieldsAndSaysThatNothingIsChanged()
    {
        var done = await Server.CreateAsync(TestTokens.Wanted() with { ExternalId = "X-1", Description = "Prices" });

        var page = Open(done.Handle);

        Assert.Equal(["Nightly report", "X-1", "Prices", "", ""], page.FindAll("input[type=text], textarea").Select(input => input.GetAttribute("value")));
        Assert.Equal(["Agreements"], page.Picked("checkbox"));
        Assert.Equal("You haven't changed anything yet. The key stays the same in any case.", page.Find("[aria-live]").Words());
        Assert.Single(Asked("portal.focusFirst"));
    }

    [Fact]
    public async Task Input_Fields_ShowsWhatWillChange()
    {
        var page = Open((await Server.CreateAsync()).Handle);

        await page.Field("Name").InputAsync("Daily report");
        await page.Field("Billing").ChangeAsync(true);

        Assert.Equal(["Name: Nightly report → Daily report", "Permissions: Agreements → Agreements, Billing"], page.Texts(".changes li"));
    }

    [Fact]
    public async Task Input_Field_ClosingTheTabAsksUntilItIsTakenBack()
    {
        var page = Open((await Server.CreateAsync()).Handle);
        Assert.Empty(Asked("Blazor._internal.NavigationLock.enableNavigationPrompt"));

        await page.Field("Name").InputAsync("Daily report");
        page.WaitForAssertion(() => Assert.Single(Asked("Blazor._internal.NavigationLock.enableNavigationPrompt")));
        await page.Field("Name").InputAsync("Nightly report");

        page.WaitForAssertion(() => Assert.Single(Asked("Blazor._internal.NavigationLock.disableNavigationPrompt")));
    }

    [Fact]
    public async Task Submit_Changes_AreSavedAndTheDetailsFollow()
    {
        var done = await Server.CreateAsync();
        var page = Open(done.Handle);
        await page.Field("Name").InputAsync(" Daily report ");
        await page.Field("Description").InputAsync("Every day");
        await page.Field("Billing").ChangeAsync(true);

        await page.Find("form").SubmitAsync();

        await UntilAsync(() => Address == $"/tokens/{done.Handle}");
        var token = await Server.DetailsAsync(done.Handle);
        Assert.Equal(("Daily report", "Every day"), (token.Name, token.Description));
        Assert.Equal(["MD-0002", "MD-0003"], token.Choice.ModuleIds);
        Assert.True(await Server.AcceptsAsync(done.Key!));
        Assert.Empty(Dialogs.FindAll("h2"));
    }

    [Fact]
    public async Task Render_Operator_IsNotOfferedToLiftTheLimitOfKeys() =>
        Assert.DoesNotContain("May create keys that outlive it", Open((await Server.CreateAsync()).Handle).Texts("label strong"));

    [Fact]
    public async Task Submit_MayOutlive_IsSavedForAnAdministrator()
    {
        var done = await Server.CreateAsync();
        var page = Open(done.Handle, Role.Administrator);

        await page.Field("May create keys that outlive it").ChangeAsync(true);
        Assert.Equal(["May create keys that outlive it: no → yes"], page.Texts(".changes li"));
        await page.Find("form").SubmitAsync();

        await UntilAsync(() => Address == $"/tokens/{done.Handle}");
        Assert.True((await Server.DetailsAsync(done.Handle)).MayOutlive);
    }

    [Fact]
    public async Task Submit_RateLimit_IsShownAsAChangeAndSaved()
    {
        var done = await Server.CreateAsync();
        var page = Open(done.Handle);
        Assert.Equal(["The default: no limit"], page.Picked("radio"));
        await page.Field("A limit of its own").ChangeAsync("Own");
        await page.Field("Requests").InputAsync("1,000");
        await page.Field("Per").ChangeAsync("Hour");
        Assert.Equal(["Rate limit: the default → 1,000 requests per hour"], page.Texts(".changes li"));

        await page.Find("form").SubmitAsync();

        await UntilAsync(() => Address == $"/tokens/{done.Handle}");
        Assert.Equal(new RateLimit(1000, RateUnit.Hour), (await Server.DetailsAsync(done.Handle)).Limit);
    }

    [Theory]
    [InlineData("")]
    [InlineData("many")]
    [InlineData("0")]
    [InlineData("1000001")]
    [InlineData("99999999999")]
    public async Task Submit_RateLimitThatIsNone_IsRefusedAtTheField(string typed)
    {
        var page = Open((await Server.CreateAsync()).Handle);
        await page.Field("A limit of its own").ChangeAsync("Own");
        await page.Field("Requests").InputAsync(typed);

        await page.Find("form").SubmitAsync();

        Assert.Equal("Enter a whole number of requests, 1 to 1,000,000.", page.FaultOf("Requests"));
        Assert.Equal(typed, page.Field("Requests").GetAttribute("value"));
    }

    [Fact]
    public async Task Submit_NameOfAnotherToken_IsRefusedAtTheField()
    {
        await Server.CreateAsync(name: "Taken");
        var page = Open((await Server.CreateAsync()).Handle);
        await page.Field("Name").InputAsync("TAKEN");

        await page.Find("form").SubmitAsync();

        Assert.Equal("The name \"TAKEN\" is already used by another token. Choose a different one.", page.FaultOf("Name"));
        Assert.Equal("TAKEN", page.Field("Name").GetAttribute("value"));
    }

    [Fact]
    public async Task Submit_NoModuleLeft_IsRefused()
    {
        var page = Open((await Server.CreateAsync()).Handle);
        await page.Field("Agreements").ChangeAsync(false);

        await page.Find("form").SubmitAsync();

        Assert.Equal("Choose at least one module.", page.Find("[role=alert]").TextContent);
    }

    [Fact]
    public async Task Submit_OthersChangedOtherFields_TheirsAreTakenOverAndMineSavedNext()
    {
        var handle = (await Server.CreateAsync()).Handle;
        var page = Open(handle);
        await page.Field("Name").InputAsync("Mine");
        await SaveBesideAsync(handle, token => new TokenEdit(token.Name, "THEIRS", token.Description, token.Choice));

        await page.Find("form").SubmitAsync();

        Assert.StartsWith("An Administrator saved this token while you were editing it.", page.Find("[role=alert]").Words(), StringComparison.Ordinal);
        Assert.Equal(("Mine", "THEIRS"), (page.Field("Name").GetAttribute("value"), page.Field("External ID").GetAttribute("value")));
        Assert.Empty(page.FindAll("[role=alert] table"));
        await page.Find("form").SubmitAsync();
        var token = await Server.DetailsAsync(handle);
        Assert.Equal(("Mine", "THEIRS"), (token.Name, token.ExternalId));
    }

    [Theory]
    [InlineData(false, "Mine")]
    [InlineData(true, "Theirs")]
    public async Task Submit_BothChangedAField_BothValuesAreShownAndOneIsChosen(bool takeTheirs, string saved)
    {
        var handle = (await Server.CreateAsync()).Handle;
        var page = Open(handle);
        await page.Field("Name").InputAsync("Mine");
        await SaveBesideAsync(handle, token => new TokenEdit("Theirs", null, null, token.Choice));

        await page.Find("form").SubmitAsync();

        Assert.Equal(["Name", "Theirs", "Mine", "Take theirs"], page.FindAll("[role=alert] tbody tr > *").Select(PageReading.Words));
        Assert.Equal("Theirs", (await Server.DetailsAsync(handle)).Name);
        if (takeTheirs)
        {
            // The notice gets the focus, and again when the pressed button is gone.
            JSInterop.VerifyFocusAsyncInvoke(1);
            await page.Button("Take theirs").ClickAsync();
            JSInterop.VerifyFocusAsyncInvoke(2);
        }

        Assert.Equal(saved, page.Field("Name").GetAttribute("value"));
        await page.Find("form").SubmitAsync();
        Assert.Equal(saved, (await Server.DetailsAsync(handle)).Name);
    }

    [Fact]
    public async Task Submit_DeletedMeanwhile_SaysThatNothingWasSaved()
    {
        var handle = (await Server.CreateAsync()).Handle;
        var page = Open(handle);
        await page.Field("Name").InputAsync("Mine");
        await Server.Tokens.DeleteAsync(Server.Administrator, handle);

        await page.Find("form").SubmitAsync();

        Assert.Equal("This token was deleted in the meantime. Your changes were not saved.", page.Find(".empty p").TextContent);
    }

    [Fact]
    public async Task Render_ExtensionWithASetOfItsOwn_PermissionsCannotBeChanged()
    {
        var page = Open((await Server.CreateAsync(TestTokens.Wanted() with { ExtensionId = "EXT-001" })).Handle);

        Assert.Empty(page.FindAll("input[type=checkbox]"));
        Assert.Equal("The extension zapier - EXT-001 determines the permissions of its tokens. You can't change them here.", page.Find(".note").Words());
    }

    [Fact]
    public async Task Render_Viewer_IsRefused()
    {
        var page = Open((await Server.CreateAsync()).Handle, Role.Viewer);

        Assert.Equal("Editing tokens requires the role Operator. Ask an administrator of your account for it.", page.Find(".empty p").TextContent);
        Assert.Empty(page.FindAll("form"));
    }

    [Fact]
    public async Task Render_DeletedToken_IsRefused()
    {
        var handle = (await Server.CreateAsync()).Handle;
        await Server.Tokens.DeleteAsync(Server.Administrator, handle);

        Assert.Equal("It was deleted. You can view it, but you can't change it.", Open(handle).Find(".empty p").TextContent);
    }

    [Theory]
    [InlineData("SU-000-000-000")]
    [InlineData("nonsense")]
    public void Render_HandleOfNoToken_IsRefused(string handle) =>
        Assert.Equal("Your account has no token with this handle.", Open(handle).Find(".empty p").TextContent);

    [Theory]
    [InlineData("Keep editing", false)]
    [InlineData("Discard", true)]
    public async Task Navigate_WithChanges_AsksFirst(string answer, bool leaves)
    {
        var handle = (await Server.CreateAsync()).Handle;
        var page = Open(handle);
        await page.Field("Name").InputAsync("Mine");

        Navigation.NavigateTo("/tokens");
        WaitForDialog("Discard your changes?");
        await Dialogs.Button(answer).ClickAsync();

        await UntilAsync(() => leaves ? Address == "/tokens" : IsNavigationPrevented);
        Assert.Equal(leaves ? "/tokens" : $"/tokens/{handle}/edit", Address);
    }

    [Fact]
    public async Task Submit_NothingChanged_SaysSoAndWritesNothing()
    {
        var handle = (await Server.CreateAsync()).Handle;
        var before = await Server.DetailsAsync(handle);
        Server.Clock.Advance(TimeSpan.FromMinutes(1));
        var page = Open(handle);
        await page.Field("Name").InputAsync(" Nightly report ");

        await page.Find("form").SubmitAsync();

        Messages.WaitForAssertion(() => Assert.Contains("Nothing to save.", Messages.Markup, StringComparison.Ordinal));
        Assert.DoesNotContain("Saved.", Messages.Markup, StringComparison.Ordinal);
        var after = await Server.DetailsAsync(handle);
        Assert.Equal((before.Version, before.Updated), (after.Version, after.Updated));
        await using var context = await Server.OpenAsync();
        Assert.DoesNotContain(context.AuditEntries, entry => entry.Action == AuditAction.TokenUpdated);
    }

    private IRenderedComponent<TokenEditPage> Open(string handle, Role role = Role.Operator)
    {
        SignIn(role);
        Navigation.NavigateTo($"/tokens/{handle}/edit");
        return Render<TokenEditPage>(parameters => parameters.Add(it => it.Handle, handle));
    }

    /// <summary>Another person saves first.</summary>
    private async Task SaveBesideAsync(string handle, Func<TokenDetails, TokenEdit> edit)
    {
        var token = await Server.DetailsAsync(handle);
        Assert.IsType<TokenOutcome.Done>(await Server.Tokens.EditAsync(Server.Administrator, handle, edit(token), token.Version));
    }
}
