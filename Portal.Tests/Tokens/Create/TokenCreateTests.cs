using Bunit;
using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Data;
using Portal.Tests.Support;
using Portal.Tokens.Reading;

namespace Portal.Tests.Tokens.Create;

public sealed class TokenCreateTests : WizardTestContext
{
    [Fact]
    public void Render_Operator_StartsWithGeneralAndFocusesItsFirstField()
    {
        var page = Open();

        Assert.Equal(["General", "Expiration", "Extension", "Permissions", "Summary"], page.Texts(".step-name"));
        Assert.Equal("General", page.Find("[aria-current=step] .step-name").TextContent);
        Assert.Single(Asked("portal.focusFirst"));
        Assert.False(page.HasButton("Back"));
        Assert.Equal("Next", Assert.Single(page.FindAll("form button[type=submit]")).Words());
    }

    [Fact]
    public void Render_Viewer_IsRefusedAndToldWhatToDo()
    {
        var page = Open(Role.Viewer);

        Assert.Equal("Creating tokens requires the role Operator", page.Find("h2").TextContent);
        Assert.Contains("Ask an administrator", page.Find(".empty").TextContent, StringComparison.Ordinal);
        Assert.Empty(page.FindAll("form, input"));
        Assert.Empty(Asked("portal.readTab"));
    }

    [Fact]
    public async Task Next_EveryStep_CreatesTheTokenWithWhatWasAnswered()
    {
        var page = Open();
        await page.Field("Name").InputAsync("  Web shop ");
        await page.Field("External ID").InputAsync("SHOP-1");
        await page.Field("Description").InputAsync("Prices");
        await NextAsync(page, 3);
        await page.Field("Agreements").ChangeAsync(true);
        await page.Field("Billing").ChangeAsync(true);
        await NextAsync(page);

        Assert.Equal("Summary", StepOf(page));
        var token = await Server.DetailsAsync(Assert.Single(await Server.ListAsync(new TokenQuery())).Handle);
        Assert.Equal(
            ("Web shop", "SHOP-1", "Prices", "EXT-000", Server.Now.AddDays(90)),
            (token.Name, token.ExternalId, token.Description, token.Extension.Id, token.ExpiresAt));
        Assert.Equal(["MD-0002", "MD-0003"], token.Choice.ModuleIds);
        Assert.Equal("An Operator", token.Created.ByName);
    }

    [Theory]
    [InlineData("Zapier", "EXT-001", 4)]
    [InlineData("Reports", "EXT-002", 19)]
    public async Task Next_ExtensionWithASetOfItsOwn_CreatesWithoutAnyPick(string extension, string id, int modules)
    {
        var page = Open();
        await page.Field("Name").InputAsync("Shop");
        await NextAsync(page, 2);
        await page.Field(extension).ChangeAsync(id);
        await NextAsync(page);
        Assert.Equal("Create", page.Find("button[type=submit]").Words());
        await NextAsync(page);

        Assert.Equal("Summary", StepOf(page));
        Assert.Equal(modules, (await Server.DetailsAsync(page.Fact("Handle"))).ModuleCount);
    }

    [Fact]
    public async Task Next_EachStep_FocusesTheNextOneAndMarksTheOnesBefore()
    {
        var page = Open();
        await page.Field("Name").InputAsync("Shop");
        await NextAsync(page, 2);

        Assert.Equal("Extension", StepOf(page));
        Assert.Equal(["General", "Expiration"], page.Texts(".steps .done .step-name"));
        Assert.Equal(3, Asked("portal.focusFirst").Count);
    }

    [Fact]
    public async Task Next_NoName_StaysAndSaysSoAtTheField()
    {
        var page = Open();

        await NextAsync(page);

        Assert.Equal(("General", "Enter a name."), (StepOf(page), page.FaultOf("Name")));
        await page.Field("Name").InputAsync("S");
        Assert.Null(page.FaultOf("Name"));
    }

    [Theory]
    [InlineData("Nightly report")]
    [InlineData("  NIGHTLY REPORT ")]
    public async Task Next_NameOfAnotherToken_IsRefusedAtTheField(string name)
    {
        await Server.CreateAsync();
        var page = Open();
        await page.Field("Name").InputAsync(name);

        await NextAsync(page);

        Assert.Equal("General", StepOf(page));
        Assert.Equal($"The name \"{name.Trim()}\" is already used by another token. Choose a different one.", page.FaultOf("Name"));
    }

    [Fact]
    public async Task Next_NameOfADeletedToken_IsFree()
    {
        await Server.Tokens.DeleteAsync(Server.Administrator, (await Server.CreateAsync()).Handle);
        var page = Open();
        await page.Field("Name").InputAsync("Nightly report");

        await NextAsync(page);

        Assert.Equal("Expiration", StepOf(page));
    }

    [Fact]
    public async Task Next_NameTakenSinceTheFirstStep_LeadsBackToItAndLosesNothing()
    {
        var page = Open();
        await page.Field("Name").InputAsync("Nightly report");
        await NextAsync(page, 3);
        await page.Field("Agreements").ChangeAsync(true);
        await Server.CreateAsync();

        await NextAsync(page);

        Assert.Equal("General", StepOf(page));
        Assert.StartsWith("The name \"Nightly report\" is already used", page.FaultOf("Name"), StringComparison.Ordinal);
        await page.Field("Name").InputAsync("Another report");
        await NextAsync(page, 3);
        Assert.Equal(["Agreements"], page.Picked("checkbox"));
    }

    [Fact]
    public async Task Next_CustomMomentPassedMeanwhile_LeadsBackToTheExpiration()
    {
        JSInterop.Setup<string?>("portal.toUtc", "2030-01-15T12:01").SetResult("2030-01-15T12:01:00Z");
        var page = Open();
        await page.Field("Name").InputAsync("Shop");
        await NextAsync(page);
        await page.Field("Custom date").ChangeAsync("custom");
        await page.Field("Date and time").ChangeAsync("2030-01-15T12:01");
        await NextAsync(page, 2);
        await page.Field("Agreements").ChangeAsync(true);
        Server.Clock.Advance(TimeSpan.FromMinutes(5));

        await NextAsync(page);

        Assert.Equal(("Expiration", "The expiration must be in the future."), (StepOf(page), page.FaultOf("Date and time")));
    }

    [Fact]
    public async Task Start_OnADate_IsCheckedAndMakesAPendingToken()
    {
        JSInterop.Setup<string?>("portal.toUtc", "2030-01-14T09:00").SetResult("2030-01-14T09:00:00Z");
        JSInterop.Setup<string?>("portal.toUtc", "2030-02-01T09:00").SetResult("2030-02-01T09:00:00Z");
        var page = Open();
        await page.Field("Name").InputAsync("Shop");
        await NextAsync(page);
        await page.Field("On a date").ChangeAsync("later");
        await NextAsync(page);
        Assert.Equal(("Expiration", "Enter the date and time when the key starts to work, or choose At once."), (StepOf(page), page.FaultOf("Start date and time")));
        await page.Field("Start date and time").ChangeAsync("2030-01-14T09:00");
        await NextAsync(page);
        Assert.Equal("The start must be in the future. To start at once, set none.", page.FaultOf("Start date and time"));
        await page.Field("Start date and time").ChangeAsync("2030-02-01T09:00");
        await NextAsync(page, 2);
        await page.Field("Agreements").ChangeAsync(true);
        await NextAsync(page);

        Assert.Equal("Summary", StepOf(page));
        await using var context = await Server.OpenAsync();
        var token = await context.Tokens.SingleAsync(Xunit.TestContext.Current.CancellationToken);
        Assert.Equal((StoredStatus.Pending, new DateTime(2030, 2, 1, 9, 0, 0, DateTimeKind.Utc)), (token.Status, token.StartsAt));
    }

    [Fact]
    public async Task Next_NoModule_StaysAndSaysSo()
    {
        var page = Open();
        await page.Field("Name").InputAsync("Shop");
        await NextAsync(page, 4);

        Assert.Equal("Permissions", StepOf(page));
        Assert.Equal("Choose at least one module, or all modules.", page.Find("[role=alert]").TextContent);
        await page.Field("Agreements").ChangeAsync(true);
        Assert.Empty(page.FindAll("[role=alert]"));
    }

    [Fact]
    public async Task Back_FromTheLastQuestion_KeepsEveryAnswer()
    {
        var page = Open();
        await page.Field("Name").InputAsync("Shop");
        await page.Field("Description").InputAsync("Prices");
        await NextAsync(page);
        await page.Field("30 days").ChangeAsync("30 days");
        await NextAsync(page);
        await page.Field("Flowgear").ChangeAsync("EXT-003");
        await NextAsync(page);
        await page.Field("Billing").ChangeAsync(true);

        await page.Button("Back").ClickAsync();
        Assert.Equal(["Flowgear"], page.Picked("radio"));
        await page.Button("Back").ClickAsync();
        Assert.Equal(["30 days", "At once"], page.Picked("radio"));
        await page.Button("Back").ClickAsync();
        Assert.Equal(("Shop", "Prices"), (page.Field("Name").GetAttribute("value"), page.Field("Description").GetAttribute("value")));
        await NextAsync(page, 3);
        Assert.Equal(["Billing"], page.Picked("checkbox"));
    }
}
