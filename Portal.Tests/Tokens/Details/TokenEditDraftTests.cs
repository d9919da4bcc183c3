using Bunit;
using Portal.Access;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Details;

namespace Portal.Tests.Tokens.Details;

/// <summary>Unsaved input is restored after a reload, and never replaces another person's changes silently.</summary>
public sealed class TokenEditDraftTests : PageTestContext
{
    private string _handle = "";

    [Theory]
    [InlineData(1, false)]
    [InlineData(3, false)]
    [InlineData(1, true)]
    [InlineData(3, true)]
    public async Task Reload_BothChangedAField_TheNoticeStandsAndShowsBothValues(int reloads, bool savedBefore)
    {
        var page = await OpenAsync();
        await page.Field("Name").InputAsync("Mine");
        await SaveBesideAsync("Theirs");
        if (savedBefore)
            await page.Find("form").SubmitAsync();

        for (var i = 0; i < reloads; i++)
            page = Reload();

        Assert.StartsWith("An Administrator saved this token while you were editing it.", page.Find("[role=alert]").Words(), StringComparison.Ordinal);
        Assert.Equal(["Name", "Theirs", "Mine", "Take theirs"], page.FindAll("[role=alert] tbody tr > *").Select(PageReading.Words));
        await page.Button("Take theirs").ClickAsync();
        Assert.Equal("Theirs", page.Field("Name").GetAttribute("value"));
    }

    /// <summary>Every field, changed by both people.</summary>
    [Fact]
    public async Task Reload_BothChangedEveryField_EachIsInTheNotice()
    {
        var page = await OpenAsync();
        await page.Field("Name").InputAsync("Mine");
        await page.Field("External ID").InputAsync("MINE");
        await page.Field("Description").InputAsync("My words");
        await page.Field("Billing").ChangeAsync(true);
        await page.Field("A limit of its own").ChangeAsync("Own");
        await page.Field("Requests").InputAsync("10");
        await page.Field("May create keys that outlive it").ChangeAsync(true);
        var token = await Server.DetailsAsync(_handle);
        await SaveAsync(new TokenEdit("Theirs", "THEIRS", "Their words", ModuleChoice.All, RateLimitChoice.Of(new RateLimit(20, RateUnit.Hour))), token.Version);

        page = Reload();

        Assert.Equal(["Name", "External ID", "Description", "Permissions", "Rate limit"], page.Texts("[role=alert] tbody th"));
        Assert.Equal("May create keys that outlive it: no → yes", page.Texts(".changes li")[^1]);
    }

    [Fact]
    public async Task Reload_OthersChangedOtherFields_TheNoticeStandsWithoutAConflict()
    {
        var page = await OpenAsync();
        await page.Field("Description").InputAsync("Mine");
        await SaveBesideAsync("Theirs");

        page = Reload();

        Assert.Contains("They changed other fields than you did", page.Find("[role=alert]").Words(), StringComparison.Ordinal);
        await page.Find("form").SubmitAsync();
        var token = await Server.DetailsAsync(_handle);
        Assert.Equal(("Theirs", "Mine"), (token.Name, token.Description));
    }

    [Fact]
    public async Task Reload_ConflictSettledByTakingTheirs_IsNotToldAgain()
    {
        var page = await OpenAsync();
        await page.Field("Name").InputAsync("Mine");
        await page.Field("Description").InputAsync("Mine too");
        await SaveBesideAsync("Theirs");
        await page.Find("form").SubmitAsync();
        await page.Button("Take theirs").ClickAsync();

        page = Reload();

        Assert.Equal("Theirs", page.Field("Name").GetAttribute("value"));
        Assert.Empty(page.FindAll("[role=alert] table"));
    }

    /// <summary>A draft of an earlier release doesn't contain the values it was based on, so everything in it is shown.</summary>
    [Fact]
    public async Task Open_DraftWithoutWhatWasSeen_ShowsEveryChangedField()
    {
        var page = await OpenAsync();
        JSInterop.Setup<string?>("portal.readTab", Key).SetResult($"{{\"Version\":\"{Guid.CreateVersion7()}\",\"Name\":\"Mine\",\"Rule\":0,\"Per\":0,\"RateChanged\":false}}");

        page = Render();

        Assert.Equal(["Name", "Nightly report", "Mine", "Take theirs"], page.FindAll("[role=alert] tbody tr > *").Select(PageReading.Words));
    }

    [Fact]
    public async Task StartOver_AfterAConflict_ShowsWhatIsSaved()
    {
        var page = await OpenAsync();
        await page.Field("Name").InputAsync("Mine");
        await SaveBesideAsync("Theirs");
        page = Reload();

        await page.Button("Start over").ClickAsync();

        Assert.Equal("Theirs", page.Field("Name").GetAttribute("value"));
        Assert.Empty(page.FindAll("[role=alert]"));
    }

    [Fact]
    public async Task Start_OfAPendingToken_IsCheckedKeptAndSaved()
    {
        JSInterop.Setup<string?>("portal.toUtc", "2030-02-01T09:00").SetResult("2030-02-01T09:00:00Z");
        JSInterop.Setup<string?>("portal.toUtc", "2031-02-01T09:00").SetResult("2031-02-01T09:00:00Z");
        _handle = (await Server.CreateAsync(TestTokens.Wanted() with { StartsAt = Server.Now.AddDays(5) })).Handle;
        SignIn(Role.Administrator);
        var page = Render();
        Assert.Contains("As planned: 2030-01-20 12:00:00 UTC", page.Find("fieldset:has(input[name=start])").Words(), StringComparison.Ordinal);
        await page.Field("On another date").ChangeAsync("later");
        await page.Find("form").SubmitAsync();
        Assert.Equal("Enter the date and time when the key starts to work, or keep the planned start.", page.FaultOf("Start date and time"));
        await page.Field("Start date and time").ChangeAsync("2031-02-01T09:00");
        await page.Find("form").SubmitAsync();
        Assert.Equal("The start must be before the expiration.", page.FaultOf("Start date and time"));
        await page.Field("Start date and time").ChangeAsync("2030-02-01T09:00");
        Assert.Equal(["Starts: 20 Jan 2030, 12:00 UTC → 01 Feb 2030, 09:00 UTC"], page.Texts(".changes li"));

        page = Reload();
        Assert.Equal("2030-02-01T09:00", page.Field("Start date and time").GetAttribute("value"));
        var token = await Server.DetailsAsync(_handle);
        await SaveAsync(new TokenEdit(token.Name, null, null, token.Choice) { StartsAt = Server.Now.AddDays(3) }, token.Version);
        await page.Find("form").SubmitAsync();
        Assert.Equal(["Starts", "18 Jan 2030, 12:00 UTC", "01 Feb 2030, 09:00 UTC", "Take theirs"], page.FindAll("[role=alert] tbody tr > *").Select(PageReading.Words));
        await page.Find("form").SubmitAsync();

        Assert.Equal(new DateTime(2030, 2, 1, 9, 0, 0, DateTimeKind.Utc), (await Server.DetailsAsync(_handle)).StartsAt);
    }

    [Fact]
    public async Task Start_TokenStartedMeanwhile_IsLeftOut()
    {
        JSInterop.Setup<string?>("portal.toUtc", "2030-02-01T09:00").SetResult("2030-02-01T09:00:00Z");
        _handle = (await Server.CreateAsync(TestTokens.Wanted() with { StartsAt = Server.Now.AddDays(5) })).Handle;
        SignIn(Role.Administrator);
        var page = Render();
        await page.Field("Name").InputAsync("Mine");
        await page.Field("On another date").ChangeAsync("later");
        await page.Field("Start date and time").ChangeAsync("2030-02-01T09:00");
        await Server.Tokens.EnableAsync(Server.Operator, _handle);

        await page.Find("form").SubmitAsync();
        Assert.Equal(["Starts", "(empty)", "01 Feb 2030, 09:00 UTC", "Take theirs"], page.FindAll("[role=alert] tbody tr > *").Select(PageReading.Words));
        Assert.Empty(page.FindAll("input[name=start]"));
        await page.Find("form").SubmitAsync();

        var token = await Server.DetailsAsync(_handle);
        Assert.Equal(("Mine", TokenStatus.Active, null), (token.Name, token.Status, token.StartsAt));
    }

    private string Key => $"token-edit:user-Administrator:{_handle}";

    private async Task<IRenderedComponent<TokenEditPage>> OpenAsync()
    {
        _handle = (await Server.CreateAsync()).Handle;
        SignIn(Role.Administrator);
        return Render();
    }

    private IRenderedComponent<TokenEditPage> Render() => Render<TokenEditPage>(parameters => parameters.Add(it => it.Handle, _handle));

    private IRenderedComponent<TokenEditPage> Reload()
    {
        JSInterop.Setup<string?>("portal.readTab", Key).SetResult((string?)Asked("portal.writeTab")[^1].Arguments[1]);
        return Render();
    }

    private async Task SaveBesideAsync(string name)
    {
        var token = await Server.DetailsAsync(_handle);
        await SaveAsync(new TokenEdit(name, token.ExternalId, token.Description, token.Choice), token.Version);
    }

    private async Task SaveAsync(TokenEdit edit, Guid version) =>
        Assert.IsType<TokenOutcome.Done>(await Server.Tokens.EditAsync(Server.Administrator, _handle, edit, version));
}
