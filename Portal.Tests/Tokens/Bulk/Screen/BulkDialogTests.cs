using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Bulk;
using Portal.Tokens.Bulk.Screen;
using Portal.Tokens.Reading;

namespace Portal.Tests.Tokens.Bulk.Screen;

public sealed class BulkDialogTests : BulkDialogContext
{
    private readonly SaveInterruption _saves = new();

    private protected override Action<IServiceCollection> ServerServices => _saves.Register;

    [Fact]
    public async Task Disable_Mixed_ListsTheUseMostUsedFirstAndSkipsTheRest()
    {
        var handles = await Server.CreateManyAsync(4);
        await Server.Tokens.DisableAsync(Server.Operator, handles[3]);
        await Server.UseAsync(handles[1], TimeSpan.FromMinutes(4), 3389);
        await Server.UseAsync(handles[2], TimeSpan.FromDays(6), 0, 0, 0, 0, 0, 12);
        var run = Run(TokenAction.Disable, handles);

        WaitForTitle("Disable 3 tokens?");
        Assert.Equal("2 of 3 were used in the last 7 days.", Dialogs.Find("p strong").Words());
        Assert.Equal(["Token 2", "Token 3", "Token 1"], Dialogs.Texts(".bulk-table bdi"));
        Assert.EndsWith(" 3,389", Rows[0], StringComparison.Ordinal);
        Assert.Equal("1 token is skipped", Dialogs.Find("summary").Words());
        Assert.Equal("Already disabled", Dialogs.Find(".bulk-reasons strong").Words());
        await Dialogs.Button("Disable 3 tokens and refuse 3,401 requests a day").ClickAsync();

        WaitForTitle("3 of 3 tokens disabled");
        Assert.Equal("Done: 3, Skipped: 1", Dialogs.Find(".bulk p strong").Words());
        Assert.EndsWith("SkippedAlready disabled", Rows[3], StringComparison.Ordinal);
        await Dialogs.Button("Close").ClickAsync();
        Assert.True(await run);
        Assert.All(handles, handle => Assert.Equal(TokenStatus.Inactive, Server.StatusAsync(handle).GetAwaiter().GetResult()));
    }

    [Fact]
    public async Task Run_Cancel_ChangesNothing()
    {
        var handles = await Server.CreateManyAsync(2);
        var run = Run(TokenAction.Enable, handles);

        // Both are enabled, so there is nothing to do.
        WaitForTitle("Enable");
        Assert.Equal("The action applies to none of the selected tokens.", Dialogs.Find(".bulk p").Words());
        await Dialogs.Button("Close").ClickAsync();
        Assert.False(await run);

        run = Dialogs.InvokeAsync(() => Services.GetRequiredService<BulkDialogs>().RunAsync(Server.Administrator, TokenAction.Disable, BulkSelection.Of(handles)));
        WaitForTitle("Disable 2 tokens?");
        await Dialogs.Button("Cancel").ClickAsync();
        Assert.False(await run);
        Assert.Equal(TokenStatus.Active, await Server.StatusAsync(handles[0]));
    }

    [Fact]
    public async Task Undo_AfterDisable_EnablesOnlyWhatItDisabledAndSaysWhatChangedSince()
    {
        var handles = await Server.CreateManyAsync(3);
        await Server.Tokens.DisableAsync(Server.Operator, handles[0]);
        _ = Run(TokenAction.Disable, handles);
        WaitForTitle("Disable 2 tokens?");
        await Dialogs.Button("Disable 2 tokens").ClickAsync();
        WaitForTitle("2 of 2 tokens disabled");
        await Server.Tokens.GrantAsync(Server.Operator, handles[2], TestTokens.Billing);

        await Dialogs.Button("Undo for 2 tokens").ClickAsync();

        WaitForTitle("1 of 2 tokens enabled");
        Assert.Contains("Someone changed this token", Rows[0], StringComparison.Ordinal);
        Assert.False(Dialogs.HasButton("Undo for 1 token"));
        Assert.Equal(
            [TokenStatus.Inactive, TokenStatus.Active, TokenStatus.Inactive],
            [await Server.StatusAsync(handles[0]), await Server.StatusAsync(handles[1]), await Server.StatusAsync(handles[2])]);
    }

    [Fact]
    public async Task Undo_AfterDelete_RestoresOnlyWhatItDeletedAsItWas()
    {
        var handles = await Server.CreateManyAsync(4);
        await Server.Tokens.DeleteAsync(Server.Administrator, handles[0]);
        await Server.Tokens.DisableAsync(Server.Operator, handles[1]);
        _ = Run(TokenAction.Delete, handles);
        WaitForTitle("Delete 3 tokens?");
        Assert.Contains("An administrator can restore them for 30 days.", Dialogs.Markup, StringComparison.Ordinal);
        await Dialogs.Button("Delete 3 tokens").ClickAsync();
        WaitForTitle("3 of 3 tokens deleted");
        await Server.Tokens.RestoreAsync(Server.Administrator, handles[3], new TokenRestoration());

        await Dialogs.Button("Undo for 3 tokens").ClickAsync();

        WaitForTitle("2 of 3 tokens restored");
        Assert.Contains("This token isn't deleted", Rows[0], StringComparison.Ordinal);
        Assert.Equal(
            [TokenStatus.Deleted, TokenStatus.Inactive, TokenStatus.Active, TokenStatus.Inactive],
            await Task.WhenAll(handles.Select(Server.StatusAsync)));
        Assert.IsType<RevealOutcome.Shown>(await Server.Tokens.RevealAsync(Server.Operator, handles[2], KeySlot.Newest, "token.key_viewed"));
        // Nothing is left to undo, and trying again restores no more than that.
        Assert.False(Dialogs.HasButton("Undo for 2 tokens"));
        await Dialogs.Button("Try 1 token again").ClickAsync();
        WaitForTitle("2 of 3 tokens restored");
    }

    [Fact]
    public async Task Undo_AfterEnable_LeavesTokensThatWerePending()
    {
        var handles = await Server.CreateManyAsync(2);
        await Server.Tokens.DisableAsync(Server.Operator, handles[0]);
        await using (var context = await Server.OpenAsync())
        {
            context.Tokens.Single(token => token.Handle == handles[1]).Status = StoredStatus.Pending;
            await context.SaveChangesAsync();
        }

        _ = Run(TokenAction.Enable, handles);
        WaitForTitle("Enable 2 tokens?");
        await Dialogs.Button("Enable 2 tokens").ClickAsync();
        WaitForTitle("2 of 2 tokens enabled");
        await Dialogs.Button("Undo for 2 tokens").ClickAsync();

        WaitForTitle("1 of 1 tokens disabled");
        Assert.EndsWith("Was pending before, so it stays enabled", Rows[1], StringComparison.Ordinal);
        Assert.Equal([TokenStatus.Inactive, TokenStatus.Active], [await Server.StatusAsync(handles[0]), await Server.StatusAsync(handles[1])]);
    }

    [Fact]
    public async Task Retry_ChangedMeanwhile_ShowsItsStateFirst()
    {
        var handles = await Server.CreateManyAsync(2);
        _ = Run(TokenAction.Disable, handles);
        WaitForTitle("Disable 2 tokens?");
        await Server.Tokens.GrantAsync(Server.Operator, handles[1], TestTokens.Billing);
        await Dialogs.Button("Disable 2 tokens").ClickAsync();
        WaitForTitle("1 of 2 tokens disabled");

        await Dialogs.Button("Try 1 token again").ClickAsync();
        WaitForTitle("Disable 1 token?");
        Assert.Contains("changed since the first attempt", Assert.Single(Rows), StringComparison.Ordinal);
        await Dialogs.Button("Cancel").ClickAsync();
        WaitForTitle("1 of 2 tokens disabled");
        await Dialogs.Button("Try 1 token again").ClickAsync();
        await Dialogs.Button("Disable 1 token").ClickAsync();

        WaitForTitle("2 of 2 tokens disabled");
        Assert.Equal(TokenStatus.Inactive, await Server.StatusAsync(handles[1]));
    }

    [Theory]
    [InlineData(11, false)]
    [InlineData(2, true)]
    public async Task Delete_ManyOrInUse_AsksToTypeTheNumber(int count, bool used)
    {
        var handles = await Server.CreateManyAsync(count);
        if (used)
            await Server.UseAsync(handles[0], TimeSpan.FromHours(23));
        _ = Run(TokenAction.Delete, handles);
        WaitForTitle($"Delete {count} tokens?");

        var field = $"To confirm, type the number of tokens: {count}";
        await Dialogs.Button($"Delete {count} tokens").ClickAsync();
        Assert.StartsWith($"Type {count} to confirm", Dialogs.FaultOf(field), StringComparison.Ordinal);
        await Dialogs.Field(field).InputAsync($" {count}. ");
        await Dialogs.Button($"Delete {count} tokens").ClickAsync();

        WaitForTitle($"{count} of {count} tokens deleted");
        Assert.Empty(await Server.ListAsync(new TokenQuery()));
    }

    [Fact]
    public async Task Delete_FewUnused_NeedsNoTyping()
    {
        var handles = await Server.CreateManyAsync(2);
        await Server.UseAsync(handles[0], TimeSpan.FromHours(25));
        _ = Run(TokenAction.Delete, handles);
        WaitForTitle("Delete 2 tokens?");

        Assert.StartsWith("Their keys stop working immediately.", Dialogs.Find("p.note.danger").Words(), StringComparison.Ordinal);
        await Dialogs.Button("Delete 2 tokens").ClickAsync();

        WaitForTitle("2 of 2 tokens deleted");
    }

    [Fact]
    public async Task Run_Stopped_TellsWhatIsUnchangedAndOffersTheRest()
    {
        var handles = await Server.CreateManyAsync(3);
        _ = Run(TokenAction.Disable, handles);
        WaitForTitle("Disable 3 tokens?");
        _saves.BeforeNextSave(async () =>
        {
            WaitForTitle("Disabling 3 tokens");
            await Dialogs.Button("Stop").ClickAsync();
        });

        await Dialogs.Button("Disable 3 tokens").ClickAsync();

        WaitForTitle("1 of 3 tokens disabled");
        Assert.Equal("You stopped the action. The remaining tokens are unchanged.", Dialogs.Find(".note.warn").Words());
        Assert.Equal(2, Rows.Count(row => row.Contains("Not changed", StringComparison.Ordinal)));
        Assert.True(Dialogs.HasButton("Try 2 tokens again"));
    }

    /// <summary>As when the circuit is lost.</summary>
    [Fact]
    public async Task Run_PageGone_EndsAfterTheCurrentToken()
    {
        var handles = await Server.CreateManyAsync(3);
        _ = Run(TokenAction.Disable, handles);
        WaitForTitle("Disable 3 tokens?");
        var gone = new TaskCompletionSource();
        _saves.BeforeNextSave(async () =>
        {
            await DisposeComponentsAsync();
            gone.SetResult();
        });

        _ = Dialogs.Button("Disable 3 tokens").ClickAsync();

        await gone.Task;
        // A change that waits for its turn comes after those of the run.
        await Server.Tokens.EnableAsync(Server.Operator, handles[0]);
        Assert.Equal([TokenStatus.Active, TokenStatus.Active], [await Server.StatusAsync(handles[1]), await Server.StatusAsync(handles[2])]);
    }

    [Fact]
    public async Task Run_TooMany_IsRefusedWithTheLimit()
    {
        await Server.CreateAsync();
        var run = Run(TokenAction.Disable, BulkSelection.AllOf(new TokenQuery(), 1_000_000));

        WaitForTitle("Too many tokens");
        Assert.StartsWith("You selected 1,000,000 tokens. One action can change at most 10,000. Narrow", Dialogs.Find(".bulk p").Words(), StringComparison.Ordinal);
        await Dialogs.Button("Close").ClickAsync();
        Assert.False(await run);
    }

    [Fact]
    public async Task Run_Many_CanBeSearchedAndPaged()
    {
        await Server.StoreManyAsync(60);
        _ = Run(TokenAction.Disable, BulkSelection.AllOf(new TokenQuery(), 59));
        WaitForTitle("Disable 60 tokens?");

        Assert.Equal("59 tokens matched when you selected them, and 60 match now. The action applies to those that match now.", Dialogs.Find(".note").Words());
        Assert.Equal(25, Rows.Length);
        await Dialogs.Field("Find in this list").InputAsync("SU000000042");
        Assert.StartsWith("Token 42", Assert.Single(Rows), StringComparison.Ordinal);
        await Dialogs.Field("Find in this list").InputAsync("nothing");
        Assert.Equal("No token matches.", Dialogs.Find(".bulk-none").Words());
    }

    [Fact]
    public async Task Results_Saved_AreHarmlessInASpreadsheet()
    {
        var handle = (await Server.CreateAsync(name: "=HYPERLINK(\"x\")")).Handle;
        _ = Run(TokenAction.Disable, handle);
        WaitForTitle("Disable 1 token?");
        await Dialogs.Button("Disable 1 token").ClickAsync();
        WaitForTitle("1 of 1 tokens disabled");

        await Dialogs.Button("Download results").ClickAsync();

        var (name, file) = Assert.Single(Files);
        Assert.Equal("deactivate-20300115-120000.csv", name);
        Assert.Equal(["Name,Handle,Result,Message", $"\"'=HYPERLINK(\"\"x\"\")\",{handle},Done,"], System.Text.Encoding.UTF8.GetString(file).Split("\r\n", StringSplitOptions.RemoveEmptyEntries));
    }
}
