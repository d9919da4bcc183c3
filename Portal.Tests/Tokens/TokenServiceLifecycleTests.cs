using Portal.Audit;
using Portal.Data;
using Portal.Tests.Hosting;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Tokens;

public sealed class TokenServiceLifecycleTests
{
    [Fact]
    public async Task DisableAndEnable_ActiveToken_GoesThereAndBack()
    {
        await using var portal = await TestPortal.CreateAsync();
        var created = await portal.CreateAsync();

        await DoneAsync(portal.Tokens.DisableAsync(portal.Operator, created.Handle));
        Assert.Equal(TokenStatus.Inactive, await portal.StatusAsync(created.Handle));
        await DoneAsync(portal.Tokens.EnableAsync(portal.Operator, created.Handle));
        Assert.Equal(TokenStatus.Active, await portal.StatusAsync(created.Handle));

        Assert.Equal([AuditAction.TokenCreated, TokenAction.Disable.AuditCode, TokenAction.Enable.AuditCode], (await portal.AuditAsync()).Select(entry => entry.Action));
    }

    [Fact]
    public async Task Disable_Twice_HappensOnce()
    {
        await using var portal = await TestPortal.CreateAsync();
        var created = await portal.CreateAsync();
        await DoneAsync(portal.Tokens.DisableAsync(portal.Operator, created.Handle));
        var version = (await portal.DetailsAsync(created.Handle)).Version;

        await DoneAsync(portal.Tokens.DisableAsync(portal.Operator, created.Handle));

        Assert.Equal(version, (await portal.DetailsAsync(created.Handle)).Version);
        Assert.Equal(2, (await portal.AuditAsync()).Count);
    }

    [Fact]
    public async Task Enable_PendingToken_MakesItActive()
    {
        await using var portal = await TestPortal.CreateAsync();
        var created = await portal.CreateAsync();
        await portal.ExecuteAsync("UPDATE Tokens SET Status = 0");
        Assert.Equal(TokenStatus.Pending, await portal.StatusAsync(created.Handle));

        await DoneAsync(portal.Tokens.EnableAsync(portal.Operator, created.Handle));

        Assert.Equal(TokenStatus.Active, await portal.StatusAsync(created.Handle));
    }

    [Fact]
    public async Task Delete_AnyToken_StaysViewableAndCannotBeChanged()
    {
        await using var portal = await TestPortal.CreateAsync();
        var created = await portal.CreateAsync();
        await DoneAsync(portal.Tokens.DeleteAsync(portal.Administrator, created.Handle));

        var token = await portal.DetailsAsync(created.Handle);
        Assert.Equal((TokenStatus.Deleted, portal.Now), (token.Status, token.DeletedAt));
        Assert.Equal(1, token.ModuleCount);
        TokenOutcome[] outcomes =
        [
            await portal.Tokens.EnableAsync(portal.Administrator, created.Handle),
            await portal.Tokens.DisableAsync(portal.Administrator, created.Handle),
            await portal.Tokens.DeleteAsync(portal.Administrator, created.Handle),
            await portal.Tokens.EditAsync(portal.Administrator, created.Handle, TokenServiceEditTests.EditOf(token), token.Version),
        ];
        Assert.All(outcomes, outcome => Assert.IsType<TokenOutcome.Refused>(outcome));
        Assert.Equal(2, (await portal.AuditAsync()).Count);
    }

    [Fact]
    public async Task Disable_SomeoneElseSavedInBetween_IsDoneOnWhatTheyLeft()
    {
        var interruption = new SaveInterruption();
        await using var portal = await TestPortal.CreateAsync(services: interruption.Register);
        var created = await portal.CreateAsync();
        var seen = await portal.DetailsAsync(created.Handle);
        interruption.BeforeNextSave(() => portal.Tokens.EditAsync(
            portal.Administrator, created.Handle, TokenServiceEditTests.EditOf(seen) with { Name = "Theirs" }, seen.Version));

        await DoneAsync(portal.Tokens.DisableAsync(portal.Operator, created.Handle));

        var token = await portal.DetailsAsync(created.Handle);
        Assert.Equal(("Theirs", TokenStatus.Inactive), (token.Name, token.Status));
        Assert.Equal(
            [AuditAction.TokenCreated, AuditAction.TokenUpdated, TokenAction.Disable.AuditCode], (await portal.AuditAsync()).Select(entry => entry.Action));
    }

    [Fact]
    public async Task Rotate_SomeoneElseRotatedInBetween_EndsTheirKeyToo()
    {
        var interruption = new SaveInterruption();
        await using var portal = await TestPortal.CreateAsync(services: interruption.Register);
        var created = await portal.CreateAsync();
        TokenOutcome? theirs = null;
        interruption.BeforeNextSave(async () => theirs = await portal.Tokens.RotateAsync(portal.Administrator, created.Handle, null));

        var mine = Assert.IsType<TokenOutcome.Done>(await portal.Tokens.RotateAsync(portal.Operator, created.Handle, null));

        Assert.Equal((false, true), (await portal.AcceptsAsync(((TokenOutcome.Done)theirs!).Key!), await portal.AcceptsAsync(mine.Key!)));
    }

    [Fact]
    public async Task Enable_DeletedInBetween_IsRefused()
    {
        var interruption = new SaveInterruption();
        await using var portal = await TestPortal.CreateAsync(services: interruption.Register);
        var created = await portal.CreateAsync();
        await portal.Tokens.DisableAsync(portal.Operator, created.Handle);
        interruption.BeforeNextSave(() => portal.Tokens.DeleteAsync(portal.Administrator, created.Handle));

        Assert.IsType<TokenOutcome.Refused>(await portal.Tokens.EnableAsync(portal.Operator, created.Handle));
        Assert.Equal(TokenStatus.Deleted, await portal.StatusAsync(created.Handle));
    }

    [Fact]
    public async Task EveryChange_WhenItReturns_HasToldWhoKeepsTokensInMemory()
    {
        await using var portal = await TestPortal.CreateAsync();
        var told = new List<string>();
        ((TokenChanges)portal.Services.GetService(typeof(TokenChanges))!).Changed += told.Add;
        var handle = (await portal.CreateAsync()).Handle;
        var seen = await portal.DetailsAsync(handle);

        await portal.Tokens.EditAsync(portal.Operator, handle, TokenServiceEditTests.EditOf(seen) with { Name = "New" }, seen.Version);
        await portal.Tokens.DisableAsync(portal.Operator, handle);
        await portal.Tokens.EnableAsync(portal.Operator, handle);
        await portal.Tokens.RenewAsync(portal.Operator, handle, portal.Now.AddDays(100));
        await portal.Tokens.RotateAsync(portal.Operator, handle, null);
        await portal.Tokens.DeleteAsync(portal.Administrator, handle);

        Assert.Equal(Enumerable.Repeat(handle, 7), told);
    }

    [Fact]
    public async Task Actions_ByRoleAndState_AreWhatTheServiceAllows()
    {
        await using var portal = await TestPortal.CreateAsync();
        Assert.False(TokenActions.For(portal.Viewer, StoredStatus.Active, null, previousLives: false).Any);
        Assert.Equal(
            ["Edit", "Reveal", "Disable", "Renew", "Rotate"], Allowed(TokenActions.For(portal.Operator, StoredStatus.Active, portal.Now, previousLives: false)));
        Assert.Equal(
            ["Edit", "Reveal", "Enable", "Rotate", "Delete"], Allowed(TokenActions.For(portal.Administrator, StoredStatus.Inactive, null, previousLives: false)));
        // A deleted token can still be duplicated, which changes nothing about it.
        Assert.True(TokenActions.For(portal.Operator, StoredStatus.Deleted, portal.Now, previousLives: false) is { Any: true, Duplicate: true });
        Assert.False(TokenActions.For(portal.Viewer, StoredStatus.Deleted, portal.Now, previousLives: false).Any);
        Assert.Equal(
            ["Edit", "Reveal", "Disable", "Rotate", "End previous key"], Allowed(TokenActions.For(portal.Operator, StoredStatus.Active, portal.Now, previousLives: true)));
        Assert.Empty(Allowed(TokenActions.For(portal.Viewer, StoredStatus.Active, portal.Now, previousLives: true)));
        Assert.Empty(Allowed(TokenActions.For(portal.Administrator, StoredStatus.Deleted, portal.Now, previousLives: true)));
    }

    private static List<string> Allowed(TokenActions actions) =>
        [.. actions.Edit ? ["Edit"] : (string[])[], .. actions.Reveal ? ["Reveal"] : (string[])[], .. TokenAction.All.Where(actions.Allows).Select(action => action.Name)];

    private static async Task DoneAsync(Task<TokenOutcome> outcome) => Assert.IsType<TokenOutcome.Done>(await outcome);
}
