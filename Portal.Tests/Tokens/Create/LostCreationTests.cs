using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Create;
using Portal.Tokens.Details;
using Portal.Tokens.Reading;

namespace Portal.Tests.Tokens.Create;

/// <summary>The token was created, but the response was lost: whatever the person edits and clicks then, there is a single token.</summary>
public sealed class LostCreationTests : LostCreationContext
{
    private const string EditDraft = "token-edit:user-Operator:";

    [Fact]
    public async Task Submit_NothingEdited_ShowsTheTokenAndItsKey()
    {
        var page = await LoseAsync();

        await NextAsync(page);

        Assert.StartsWith("Shop is ready.", page.Find(".note").Words(), StringComparison.Ordinal);
        Assert.Single(page.FindAll(".note:not(.first-request)"));
        await page.Button("View").ClickAsync();
        Assert.True(ApiKey.TryParse(page.Find(".key-value").TextContent, out _, out _));
        Assert.Single(await Server.ListAsync(new TokenQuery()));
    }

    [Theory]
    [InlineData("Name", "Store", "Name: Shop → Store")]
    [InlineData("External ID", "X-1", "External ID: (empty) → X-1")]
    [InlineData("Description", "Prices", "Description: (empty) → Prices")]
    public async Task Submit_TextEdited_ShowsTheOneTokenAndWhatIsNotInIt(string field, string typed, string told)
    {
        var page = await LoseAsync();
        for (var i = 0; i < 3; i++)
            await page.Button("Back").ClickAsync();
        await page.Field(field).InputAsync(typed);

        await NextAsync(page);

        Assert.Equal("Summary", StepOf(page));
        Assert.StartsWith("An earlier attempt created this token", page.Find("[role=alert]").Words(), StringComparison.Ordinal);
        Assert.Equal([told], page.Texts("[role=alert] li"));
        Assert.Equal(["Shop"], (await Server.ListAsync(new TokenQuery())).Select(row => row.Name));
    }

    [Fact]
    public async Task Submit_ModulesEdited_ShowsTheOneTokenAndWhatIsNotInIt()
    {
        var page = await LoseAsync();
        await page.Field("Billing").ChangeAsync(true);

        await NextAsync(page);

        Assert.Equal(["Permissions: Agreements → Agreements, Billing"], page.Texts("[role=alert] li"));
        Assert.Single(await Server.ListAsync(new TokenQuery()));
    }

    [Fact]
    public async Task Submit_ExpirationAndExtensionEdited_AreToldToo()
    {
        var page = await LoseAsync();
        await page.Button("Back").ClickAsync();
        await page.Field("Zapier").ChangeAsync("EXT-001");
        await page.Button("Back").ClickAsync();
        await page.Field("Perpetual").ChangeAsync("perpetual");

        await NextAsync(page);

        Assert.Collection(
            page.Texts("[role=alert] li"),
            extension => Assert.StartsWith("Extension: custom → zapier.", extension, StringComparison.Ordinal),
            expires => Assert.Matches("^Expires: .+ UTC → never\\.", expires));
    }

    [Fact]
    public async Task Edit_WhatIsNotInTheToken_IsHandedToTheEditForm()
    {
        var page = await LoseAsync();
        for (var i = 0; i < 3; i++)
            await page.Button("Back").ClickAsync();
        await page.Field("Name").InputAsync("Store");
        await NextAsync(page);
        var handle = (await Server.ListAsync(new TokenQuery()))[0].Handle;

        await page.Button("edit the token").ClickAsync();

        Assert.Equal($"/tokens/{handle}/edit", Address);
        var draft = (string?)Asked("portal.writeTab").Last(call => Equals(call.Arguments[0], EditDraft + handle)).Arguments[1];
        JSInterop.Setup<string?>("portal.readTab", EditDraft + handle).SetResult(draft);
        var edit = Render<TokenEditPage>(parameters => parameters.Add(it => it.Handle, handle));
        Assert.Equal(["Name: Shop → Store"], edit.Texts(".changes li"));
        Assert.Empty(edit.FindAll("[role=alert]"));
    }

    /// <summary>The page is lost with the response: the draft in the tab records that it was sent.</summary>
    [Fact]
    public async Task Open_DraftThatWasSent_ShowsTheToken()
    {
        await LoseAsync();

        var page = Reopen(Kept);

        Assert.Equal("Summary", StepOf(page));
        Assert.StartsWith("Shop is ready.", page.Find(".note").Words(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartOver_DraftThatWasSent_ShowsTheToken()
    {
        var page = Open();
        await AnswerAllAsync(page);
        var kept = DraftSerializer.Read(Kept, Server.Catalog)!;
        kept.IsSent = true;
        page = Reopen(DraftSerializer.Write(kept));
        await Server.CreateAsync(TestTokens.Wanted("Shop") with { CreationId = kept.CreationId });

        await page.Button("Start over").ClickAsync();

        Assert.Equal("Summary", StepOf(page));
    }
}

/// <summary>The same if a key is shown only once: the key is lost with the response, and the page says so.</summary>
public sealed class LostOnlyKeyTests : LostCreationContext
{
    private protected override Dictionary<string, string?> Settings => new() { ["Tokens:Reveal"] = "Once" };

    [Fact]
    public async Task Submit_KeyIsShownOnce_SaysThatTheKeyIsLost()
    {
        var page = await LoseAsync();

        await NextAsync(page);

        Assert.StartsWith("Shop was created by an earlier attempt.", page.Find("[role=alert]").Words(), StringComparison.Ordinal);
        Assert.Single(await Server.ListAsync(new TokenQuery()));
    }
}

/// <summary>A wizard whose first "Create" is committed without a response.</summary>
public abstract class LostCreationContext : WizardTestContext
{
    private readonly LostAnswer _answer = new();

    private protected override Action<IServiceCollection> Registered => _answer.Register;

    private protected async Task<IRenderedComponent<TokenCreate>> LoseAsync()
    {
        var page = Open();
        await AnswerAllAsync(page);
        _answer.LoseNext();
        await NextAsync(page);
        Assert.Equal("Permissions", StepOf(page));
        return page;
    }
}
