using Bunit;
using Portal.Access;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Create;
using Portal.Tokens.Reading;

namespace Portal.Tests.Tokens.Create;

/// <summary>The wizard on a failing database: the input is kept, and after repeated attempts there is a single token with its key.</summary>
public sealed class FailedCreationTests : FailingPageContext
{
    [Fact]
    public async Task Wizard_NextAndCreate_KeepTheAnswersAndCreateOnce()
    {
        var page = Show<TokenCreate>("/tokens/create", Role.Operator);
        await page.Field("Name").InputAsync("Shop");
        await FailsAsync(page, () => page.Find("form").SubmitAsync());
        Assert.Equal("Shop", page.Field("Name").GetAttribute("value"));
        await SubmitAsync(page, 3);
        await page.Field("Agreements").ChangeAsync(true);

        await FailsAsync(page, () => page.Find("form").SubmitAsync());
        Assert.True(page.Field("Agreements").HasAttribute("checked"));
        await SubmitAsync(page);

        Assert.StartsWith("Shop is ready.", page.Find(".note").Words(), StringComparison.Ordinal);
        Assert.Single(await Server.ListAsync(new TokenQuery()));
    }

    /// <summary>The database fails at any point while a token is created, and its key can't be shown later: after repeated attempts, there is a
    /// single token and its key is available.</summary>
    [Fact]
    public async Task Wizard_DatabaseGoneAtAnyMoment_OneTokenAndItsKey()
    {
        SignIn(Role.Operator);
        for (var after = 0; after < 8; after++)
        {
            var page = Show<TokenCreate>("/tokens/create");
            await page.Field("Name").InputAsync($"Shop {after}");
            await SubmitAsync(page, 3);
            await page.Field("Agreements").ChangeAsync(true);
            Database.Fail(FailingDatabase.DiskFull, after);
            await page.Find("form").SubmitAsync();
            if (!page.HasButton("View"))
            {
                Database.Recover();
                await SubmitAsync(page);
            }

            await page.Button("View").ClickAsync();

            Assert.True(ApiKey.TryParse(page.Find(".key-value").TextContent, out var handle, out _), $"There is no key when the database goes after {after}.");
            Database.Recover();
            Assert.Equal($"Shop {after}", (await Server.DetailsAsync(handle.ToString())).Name);
            if (page.HasButton("Show the token"))
                await page.Button("Show the token").ClickAsync();
            Assert.StartsWith($"Shop {after} is ready.", page.Find(".note").Words(), StringComparison.Ordinal);
            await page.Button("Close").ClickAsync();
        }

        Assert.Equal(8, (await Server.ListAsync(new TokenQuery())).Count);
    }

    [Fact]
    public async Task Wizard_DraftOfADuplicatedTab_MakesATokenOfItsOwn()
    {
        SignIn(Role.Operator);
        var draft = TokenDraft.Start(Server.Catalog, ["90 days"]);
        (draft.Step, draft.Name) = (WizardStep.Permissions, "Second");
        draft.Modules.Set(TestTokens.Agreements, true);
        await Server.CreateAsync(TestTokens.Wanted("First") with { CreationId = draft.CreationId });
        JSInterop.Setup<string?>("portal.readTab", "token-draft:user-Operator").SetResult(DraftSerializer.Write(draft));
        var page = Show<TokenCreate>("/tokens/create");

        await SubmitAsync(page);

        Assert.StartsWith("Second is ready.", page.Find(".note").Words(), StringComparison.Ordinal);
        Assert.Equal(["First", "Second"], (await Server.ListAsync(new TokenQuery())).Select(row => row.Name).Order());
    }

    [Fact]
    public async Task Summary_NewKey_IsShownAndCopiedWhateverTheDatabaseDoes()
    {
        JSInterop.Setup<bool>("portal.copy", _ => true).SetResult(true);
        var page = Show<TokenCreate>("/tokens/create", Role.Operator);
        await page.Field("Name").InputAsync("Shop");
        await SubmitAsync(page, 3);
        await page.Field("Agreements").ChangeAsync(true);
        await SubmitAsync(page);

        var leaving = page.Button("Close").ClickAsync();
        WaitForDialog("Leave without the key?");
        await Dialogs.Button("Stay").ClickAsync();
        await leaving;
        Database.Fail(FailingDatabase.DiskFull);
        await page.Button("View").ClickAsync();
        var shown = page.Find(".key-value").TextContent;
        await page.Button("Copy").ClickAsync();
        await page.Button("Copy curl").ClickAsync();

        Assert.True(ApiKey.TryParse(shown, out _, out _));
        Assert.Equal(shown, Asked("portal.copy")[0].Arguments[0]);
        Assert.Contains(shown, (string)Asked("portal.copy")[1].Arguments[0]!, StringComparison.Ordinal);
        Assert.Empty(page.FindAll("[role=alert]"));
    }
}
