using System.Text.Json;
using Microsoft.Data.Sqlite;
using Portal.Access;
using Portal.Audit;
using Portal.Data;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Bulk;

namespace Portal.Tests.Tokens.Bulk;

public sealed class BulkRunnerTests
{
    [Theory]
    [InlineData(nameof(TokenAction.Enable))]
    [InlineData(nameof(TokenAction.Disable))]
    [InlineData(nameof(TokenAction.Renew))]
    [InlineData(nameof(TokenAction.Rotate))]
    [InlineData(nameof(TokenAction.Delete))]
    public async Task Run_EachAction_ChangesAllAndWritesEntriesWithOneId(string name)
    {
        await using var portal = await TestPortal.CreateAsync();
        var action = TestTokens.ActionNamed(name);
        var handles = await portal.CreateManyAsync(3);
        foreach (var handle in action == TokenAction.Enable ? handles : [])
            await portal.Tokens.DisableAsync(portal.Operator, handle);
        var before = (await portal.AuditAsync()).Count;

        var (end, results) = await portal.RunBulkAsync(
            portal.Administrator, new BulkOrder(action, portal.Now.AddDays(200)), await portal.SelectedAsync(action, handles));

        Assert.True(end.IsComplete);
        Assert.All(results, result => Assert.NotNull(Assert.IsType<TokenOutcome.Done>(result.Outcome).Version));
        var entries = (await portal.AuditAsync())[before..];
        Assert.Equal(handles, entries.Select(entry => entry.TargetId));
        Assert.All(entries, entry => Assert.Equal((action.AuditCode, BulkData.Id), (entry.Action, BulkIdOf(entry))));
    }

    [Fact]
    public async Task Run_Rotate_KeepsEachExpirationAndTheOldKeysForTheOverlap()
    {
        await using var portal = await TestPortal.CreateAsync();
        var (soon, late) = (await portal.CreateAsync(days: 5, name: "Soon"), await portal.CreateAsync(days: null, name: "Late"));

        await portal.RunBulkAsync(
            portal.Operator, new BulkOrder(TokenAction.Rotate, null, TimeSpan.FromHours(24)), await portal.SelectedAsync(TokenAction.Rotate, soon.Handle, late.Handle));

        var (first, second) = (await portal.DetailsAsync(soon.Handle), await portal.DetailsAsync(late.Handle));
        Assert.Equal((portal.Now.AddDays(5), portal.Now.AddDays(1)), (first.ExpiresAt!.Value, first.PreviousEndsAt!.Value));
        Assert.Equal((null, portal.Now.AddDays(1)), (second.ExpiresAt, second.PreviousEndsAt!.Value));
        Assert.True(await portal.AcceptsAsync(soon.Key!) && await portal.AcceptsAsync(late.Key!));
    }

    /// <summary>The person saw another state, so the change might do harm that they didn't agree to.</summary>
    [Fact]
    public async Task Run_ChangedSinceItWasListed_LeavesItAndDoesTheRest()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handles = await portal.CreateManyAsync(3);
        var listed = await portal.SelectedAsync(TokenAction.Rotate, handles);
        var other = Assert.IsType<TokenOutcome.Done>(await portal.Tokens.RotateAsync(portal.Operator, handles[1], portal.Now.AddDays(90)));

        var (end, results) = await portal.RunBulkAsync(portal.Operator, new BulkOrder(TokenAction.Rotate), listed);

        Assert.True(end.IsComplete);
        Assert.Equal([true, false, true], results.Select(result => result.Outcome is TokenOutcome.Done));
        Assert.IsType<TokenOutcome.PreconditionFailed>(results[1].Outcome);
        Assert.True(await portal.AcceptsAsync(other.Key!));
    }

    [Fact]
    public async Task Run_OneFails_DoesTheRest()
    {
        var saves = new SaveInterruption();
        await using var portal = await TestPortal.CreateAsync(services: saves.Register);
        var handles = await portal.CreateManyAsync(3);
        var listed = await portal.SelectedAsync(TokenAction.Disable, handles);
        saves.BeforeNextSave(() => Task.CompletedTask);
        saves.BeforeNextSave(() => throw new SqliteException("database or disk is full", 13));

        var (end, results) = await portal.RunBulkAsync(portal.Operator, new BulkOrder(TokenAction.Disable), listed);

        Assert.Equal(new BulkEnd(true), end);
        Assert.Equal([false, true, false], results.Select(result => result.Failure is not null));
        Assert.Equal([TokenStatus.Inactive, TokenStatus.Active, TokenStatus.Inactive], await StatusesAsync(portal, handles));
    }

    [Fact]
    public async Task Run_ManyFailInARow_EndsEarlyWithTheCause()
    {
        var database = new FailingDatabase();
        await using var portal = await TestPortal.CreateAsync(services: database.Register);
        var listed = await portal.SelectedAsync(TokenAction.Disable, await portal.CreateManyAsync(BulkRunner.MostFailuresInARow + 2));
        database.Fail(FailingDatabase.DiskFull);

        var (end, results) = await portal.RunBulkAsync(portal.Operator, new BulkOrder(TokenAction.Disable), listed);

        Assert.False(end.IsComplete);
        Assert.Same(database.Failure, end.Cause);
        Assert.Equal(BulkRunner.MostFailuresInARow, results.Count);
    }

    [Fact]
    public async Task Run_Stopped_CompletesOnlyTheCurrentToken()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handles = await portal.CreateManyAsync(3);
        using var stop = new CancellationTokenSource();

        var (end, results) = await portal.RunBulkAsync(
            portal.Operator, new BulkOrder(TokenAction.Disable), await portal.SelectedAsync(TokenAction.Disable, handles), _ => stop.Cancel(), stop.Token);

        Assert.Equal(new BulkEnd(false), end);
        Assert.Single(results);
        Assert.Equal([TokenStatus.Inactive, TokenStatus.Active, TokenStatus.Active], await StatusesAsync(portal, handles));
    }

    [Theory]
    [InlineData(Role.Viewer, nameof(TokenAction.Disable))]
    [InlineData(Role.Viewer, nameof(TokenAction.Rotate))]
    [InlineData(Role.Operator, nameof(TokenAction.Delete))]
    public async Task Run_RoleTooLow_NeitherListsNorChangesAnything(Role role, string name)
    {
        await using var portal = await TestPortal.CreateAsync();
        var action = TestTokens.ActionNamed(name);
        var actor = role == Role.Viewer ? portal.Viewer : portal.Operator;
        var handles = await portal.CreateManyAsync(2);
        await Assert.ThrowsAsync<AccessDeniedException>(() => portal.Reader.ReadBulkAsync(actor, action, BulkSelection.Of(handles)));

        var (end, results) = await portal.RunBulkAsync(actor, new BulkOrder(action), await portal.SelectedAsync(action, handles));

        Assert.IsType<AccessDeniedException>(end.Cause);
        Assert.Empty(results);
        Assert.Equal([TokenStatus.Active, TokenStatus.Active], await StatusesAsync(portal, handles));
    }

    [Fact]
    public async Task Run_OtherAccountsToken_IsNotFound()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync()).Handle;
        Assert.Empty((await portal.Reader.ReadBulkAsync(portal.OtherAccountActor, TokenAction.Delete, BulkSelection.Of([handle]))).Tokens);

        var (_, results) = await portal.RunBulkAsync(
            portal.OtherAccountActor, new BulkOrder(TokenAction.Delete), await portal.SelectedAsync(TokenAction.Delete, handle));

        Assert.IsType<TokenOutcome.NotFound>(Assert.Single(results).Outcome);
    }

    [Fact]
    public async Task HandOutAll_Always_WritesAnEntryForEachToken()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handles = await portal.CreateManyAsync(3);
        var before = (await portal.AuditAsync()).Count;

        await portal.Tokens.HandOutAllAsync(portal.Operator with { BulkId = BulkData.Id }, handles);

        var entries = (await portal.AuditAsync())[before..];
        Assert.Equal(handles.Order(StringComparer.Ordinal), entries.Select(entry => entry.TargetId).Order(StringComparer.Ordinal));
        Assert.All(entries, entry => Assert.Equal((AuditAction.KeyDownloaded, BulkData.Id), (entry.Action, BulkIdOf(entry))));
        await Assert.ThrowsAsync<AccessDeniedException>(() => portal.Tokens.HandOutAllAsync(portal.Viewer, handles));
    }

    private static Guid BulkIdOf(AuditEntry entry) => JsonDocument.Parse(entry.Details!).RootElement.GetProperty("bulk").GetGuid();

    private static async Task<TokenStatus[]> StatusesAsync(TestPortal portal, string[] handles)
    {
        var statuses = new TokenStatus[handles.Length];
        for (var i = 0; i < handles.Length; i++)
            statuses[i] = await portal.StatusAsync(handles[i]);
        return statuses;
    }
}
