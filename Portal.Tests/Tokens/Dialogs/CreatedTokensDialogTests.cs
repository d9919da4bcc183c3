using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Data;
using Portal.Localization;
using Portal.Tests.Hosting;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Dialogs;

namespace Portal.Tests.Tokens.Dialogs;

/// <summary>When a token is disabled or deleted, the dialog offers the tokens that it created.</summary>
public sealed class CreatedTokensDialogTests : PageTestContext
{
    private readonly StatementRecorder _statements = new();

    private protected override Action<IServiceCollection> Registered => _statements.Register;

    [Theory]
    [InlineData(nameof(TokenAction.Disable), "Disable", TokenStatus.Inactive, "disabled; its keys are refused.")]
    [InlineData(nameof(TokenAction.Delete), "Delete", TokenStatus.Deleted, "deleted.")]
    public async Task Run_AllChosen_ChangesEachAndTellsTheResult(string actionName, string verb, TokenStatus after, string result)
    {
        var action = TestTokens.ActionNamed(actionName);
        var (root, child, grandchild) = await FamilyAsync();
        var run = Run(action, root);
        WaitForDialog($"{verb} Root?");
        Assert.Equal($"2 tokens were created with this token and keep working. Choose which of them to {verb.ToLowerInvariant()} too.", Dialogs.Find("legend").Words());
        Assert.Equal(
            [$"{child}, last used 4 minutes ago, 7 requests today (UTC)", $"{grandchild}, created with {child}, never used"], Dialogs.Texts(".choices small"));
        Assert.Empty(Dialogs.Picked("checkbox"));

        await Dialogs.Field($"{verb} all of them too").ChangeAsync(true);
        await Dialogs.Button($"{verb} 3 tokens").ClickAsync();

        Dialogs.WaitForAssertion(() => Assert.Equal([$"Root: {result}", $"Child: {result}", $"Grandchild: {result}"], Dialogs.Texts("[role=status] li")));
        await Dialogs.Button("Close").ClickAsync();
        Assert.True(await run);
        foreach (var handle in new[] { root, child, grandchild })
            Assert.Equal(after, await Server.StatusAsync(handle));
    }

    [Fact]
    public async Task Undo_Deleted_RestoresWhatNobodyHasChangedSince()
    {
        var (root, child, grandchild) = await FamilyAsync();
        _ = Run(TokenAction.Delete, root);
        WaitForDialog("Delete Root?");
        await Dialogs.Field("Child").ChangeAsync(true);
        await Dialogs.Button("Delete 2 tokens").ClickAsync();
        Dialogs.WaitForAssertion(() => Assert.Equal(2, Dialogs.Texts("[role=status] li").Length));
        await Server.Tokens.RestoreAsync(Server.Administrator, child, new TokenRestoration());

        await Dialogs.Button("Undo for 2 tokens").ClickAsync();

        Dialogs.WaitForAssertion(() => Assert.StartsWith("Root: undone. | Child: This token isn't deleted", string.Join(" | ", Dialogs.Texts("[role=status] li")), StringComparison.Ordinal));
        Assert.Equal("1 of 2 tokens restored", Dialogs.Find("h2").Words());
        Assert.Equal(
            [TokenStatus.Active, TokenStatus.Inactive, TokenStatus.Active],
            [await Server.StatusAsync(root), await Server.StatusAsync(child), await Server.StatusAsync(grandchild)]);
    }

    [Fact]
    public async Task Run_OneChosen_LeavesTheOthers()
    {
        var (root, child, grandchild) = await FamilyAsync();
        var run = Run(TokenAction.Disable, root);
        WaitForDialog("Disable Root?");

        await Dialogs.Field("Grandchild").ChangeAsync(true);
        await Dialogs.Button("Disable 2 tokens").ClickAsync();

        Dialogs.WaitForAssertion(() => Assert.Equal(2, Dialogs.Texts("[role=status] li").Length));
        await Dialogs.Button("Close").ClickAsync();
        Assert.True(await run);
        Assert.Equal(
            [TokenStatus.Inactive, TokenStatus.Active, TokenStatus.Inactive],
            [await Server.StatusAsync(root), await Server.StatusAsync(child), await Server.StatusAsync(grandchild)]);
    }

    /// <summary>As for a token that created none: a message, and no list of one result.</summary>
    [Fact]
    public async Task Run_NoneChosen_ChangesTheTokenAloneAndSaysSo()
    {
        var (root, child, _) = await FamilyAsync();
        var run = Run(TokenAction.Disable, root);
        WaitForDialog("Disable Root?");

        await Dialogs.Button("Disable").ClickAsync();

        Assert.True(await run);
        Dialogs.WaitForAssertion(() => Assert.Empty(Dialogs.FindAll(".mud-dialog")));
        Assert.Equal([TokenStatus.Inactive, TokenStatus.Active], [await Server.StatusAsync(root), await Server.StatusAsync(child)]);
        Assert.Equal(TokenAction.Disable.DoneMessage.With("Root"), Messages.Find(".message-text").Words());
        Assert.True(Messages.HasButton("Undo"));
    }

    [Fact]
    public async Task Run_Cancel_ChangesNothing()
    {
        var (root, _, _) = await FamilyAsync();
        var run = Run(TokenAction.Delete, root);
        WaitForDialog("Delete Root?");

        await Dialogs.Button("Cancel").ClickAsync();

        Assert.False(await run);
        Assert.Equal(TokenStatus.Active, await Server.StatusAsync(root));
    }

    /// <summary>One of them fails: its error is shown in place, and the others succeed.</summary>
    [Fact]
    public async Task Run_OneDeletedMeanwhile_TellsThatAndDoesTheRest()
    {
        var (root, child, grandchild) = await FamilyAsync();
        var run = Run(TokenAction.Disable, root);
        WaitForDialog("Disable Root?");
        await Dialogs.Field("Disable all of them too").ChangeAsync(true);
        await Server.Tokens.DeleteAsync(Server.Administrator, child);

        await Dialogs.Button("Disable 3 tokens").ClickAsync();

        Dialogs.WaitForAssertion(() => Assert.Contains("was deleted", Dialogs.Texts("[role=status] li")[1], StringComparison.Ordinal));
        await Dialogs.Button("Close").ClickAsync();
        Assert.True(await run);
        Assert.Equal(TokenStatus.Inactive, await Server.StatusAsync(grandchild));
    }

    [Theory]
    [InlineData(nameof(TokenAction.Disable), true, "Nothing was disabled")]
    [InlineData(nameof(TokenAction.Delete), true, "Nothing was deleted")]
    [InlineData(nameof(TokenAction.Disable), false, "2 of 3 tokens disabled")]
    [InlineData(nameof(TokenAction.Delete), false, "2 of 3 tokens deleted")]
    public async Task Run_SomeOrAllFail_TitleSaysHowManyAreDone(string actionName, bool all, string title)
    {
        var action = TestTokens.ActionNamed(actionName);
        var (root, child, grandchild) = await FamilyAsync();
        _ = Run(action, root);
        WaitForDialog($"{action} Root?");
        await Dialogs.Field($"{action} all of them too").ChangeAsync(true);
        foreach (var gone in all ? [root, child, grandchild] : new[] { child })
            await Server.Tokens.DeleteAsync(Server.Administrator, gone);

        await Dialogs.Button($"{action} 3 tokens").ClickAsync();

        WaitForDialog(title);
    }

    [Fact]
    public async Task Run_ManyCreatedTokens_CountsTheirRequestsInOneQuery()
    {
        var root = (await Server.CreateAsync(name: "Root")).Handle;
        for (var i = 0; i < 5; i++)
            await CreatedTokensTests.ChildAsync(Server, root, $"Child {i}");
        await using (var context = await Server.OpenAsync())
        {
            foreach (var token in context.Tokens)
                token.LastUsedAt = Server.Now;
            await context.SaveChangesAsync();
        }

        _statements.Take();
        _ = Run(TokenAction.Disable, root);
        WaitForDialog("Disable Root?");

        // One count for the token itself, and one for all tokens that it created.
        Assert.Equal(2, _statements.Take().Count(statement => statement.Contains("DailyCounts", StringComparison.Ordinal)));
    }

    private async Task<(string Root, string Child, string Grandchild)> FamilyAsync()
    {
        var root = (await Server.CreateAsync(name: "Root")).Handle;
        var child = await CreatedTokensTests.ChildAsync(Server, root, "Child");
        var grandchild = await CreatedTokensTests.ChildAsync(Server, child, "Grandchild");
        await using var context = await Server.OpenAsync();
        var token = context.Tokens.Single(token => token.Handle == child);
        token.LastUsedAt = Server.Now.AddMinutes(-4);
        context.Add(new DailyCount { TokenId = token.Id, Day = DateOnly.FromDateTime(Server.Now), ModuleId = TestTokens.Agreements, StatusCode = 200, Reason = "", Count = 7 });
        await context.SaveChangesAsync();
        return (root, child, grandchild);
    }

    private Task<bool> Run(TokenAction action, string handle)
    {
        SignIn(Role.Administrator);
        var dialogs = Services.GetRequiredService<TokenDialogs>();
        return Dialogs.InvokeAsync(() => dialogs.RunAsync(Server.Administrator, action, handle));
    }
}
