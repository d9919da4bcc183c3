using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Audit;
using Portal.Tests.Support;
using Portal.Tests.Tokens;
using Portal.Tokens;
using Portal.Tokens.Reading;

namespace Portal.Tests.Audit;

public sealed class AuditLogTests
{
    private static readonly string RefuseEntries = RefusingTrigger.On("AuditEntries");
    private static readonly string RefuseTokens = RefusingTrigger.On("Tokens", "UPDATE");

    [Fact]
    public async Task Add_AChange_TellsWhoDidWhatToWhatAndWhen()
    {
        await using var portal = await TestPortal.CreateAsync();
        var deployer = await portal.CreateAsync(days: null, name: "Deployer");
        var byProgram = new Actor(ActorKind.Token, deployer.Handle, "Deployer", TestPortal.Account, Role.Operator);

        var created = await portal.CreateAsync(byProgram, TestTokens.Wanted());

        var entry = (await portal.AuditAsync())[^1];
        Assert.Equal((TestPortal.Account, portal.Now, AuditAction.TokenCreated), (entry.AccountId, entry.At, entry.Action));
        Assert.Equal(("token", deployer.Handle, "Deployer"), (entry.ActorKind, entry.ActorId, entry.ActorName));
        Assert.Equal((created.Handle, "Nightly report"), (entry.TargetId, entry.TargetName));
        Assert.Equal(
            $$"""{"extension":"EXT-000","expires":"2030-04-15T12:00:00Z","modules":"MD-0002","fingerprint":"{{created.Key!.Fingerprint}}"}""", entry.Details);
    }

    [Fact]
    public async Task Save_EntryRefused_LeavesTheChangeUndoneToo()
    {
        await using var portal = await TestPortal.CreateAsync();
        var created = await portal.CreateAsync();
        var before = await portal.DetailsAsync(created.Handle);
        await portal.ExecuteAsync(RefuseEntries);

        await Assert.ThrowsAsync<DbUpdateException>(() => portal.Tokens.CreateAsync(portal.Operator, TestTokens.Wanted("Another")));
        await Assert.ThrowsAsync<DbUpdateException>(() => portal.Tokens.DisableAsync(portal.Operator, created.Handle));
        await Assert.ThrowsAsync<DbUpdateException>(() => portal.Tokens.RotateAsync(portal.Operator, created.Handle, null));
        await Assert.ThrowsAsync<DbUpdateException>(() => portal.Tokens.DeleteAsync(portal.Administrator, created.Handle));
        await Assert.ThrowsAsync<DbUpdateException>(
            () => portal.Tokens.EditAsync(portal.Operator, created.Handle, TokenServiceEditTests.EditOf(before) with { Name = "New" }, before.Version));
        await Assert.ThrowsAsync<DbUpdateException>(() => portal.Tokens.RevealAsync(portal.Operator, created.Handle, KeySlot.Newest, AuditAction.KeyViewed));

        Assert.Single(await portal.ListAsync(new TokenQuery { WithDeleted = true }));
        Assert.Equal(before.Version, (await portal.DetailsAsync(created.Handle)).Version);
        Assert.True(await portal.AcceptsAsync(created.Key!));
        Assert.Single(await portal.AuditAsync());
    }

    [Fact]
    public async Task Save_ChangeRefused_LeavesNoEntry()
    {
        await using var portal = await TestPortal.CreateAsync();
        var created = await portal.CreateAsync();
        await portal.ExecuteAsync(RefuseTokens);

        await Assert.ThrowsAsync<DbUpdateException>(() => portal.Tokens.DisableAsync(portal.Operator, created.Handle));
        await Assert.ThrowsAsync<DbUpdateException>(() => portal.Tokens.RotateAsync(portal.Operator, created.Handle, null));

        Assert.Single(await portal.AuditAsync());
        Assert.True(await portal.AcceptsAsync(created.Key!));
    }

    [Theory]
    [InlineData(Role.Viewer, true, false, false)]
    [InlineData(Role.Operator, true, true, false)]
    [InlineData(Role.Administrator, true, true, true)]
    public void Require_EachRole_MayDoWhatTheOnesBeforeItMay(Role role, bool viewer, bool operates, bool administrates)
    {
        var actor = new Actor(ActorKind.User, "id", "Name", TestPortal.Account, role);

        Assert.Equal((viewer, operates, administrates), (actor.May(Role.Viewer), actor.May(Role.Operator), actor.May(Role.Administrator)));
        if (administrates)
            actor.Require(Role.Administrator);
        else
            Assert.Throws<AccessDeniedException>(() => actor.Require(Role.Administrator));
    }
}
