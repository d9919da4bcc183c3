using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Audit;
using Portal.Authentication;
using Portal.Catalog;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Tokens;

/// <summary>Deleted tokens come back, and keys that have ended don't.</summary>
public sealed class TokenRestoreTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Restore_Plain_IsDisabledAndItsKeyWorksWhenItIsEnabled()
    {
        await using var portal = await TestPortal.CreateAsync();
        var created = await DeletedAsync(portal);

        Assert.IsType<TokenOutcome.Done>(await portal.Tokens.RestoreAsync(portal.Administrator, created.Handle, new TokenRestoration(), cancellation: Cancellation));

        Assert.Equal(TokenStatus.Inactive, (await portal.DetailsAsync(created.Handle)).Status);
        Assert.False(await AcceptsAsync(portal, created.Key!));
        await portal.Tokens.EnableAsync(portal.Operator, created.Handle, cancellation: Cancellation);
        Assert.True(await AcceptsAsync(portal, created.Key!));
        Assert.IsType<RevealOutcome.Unavailable>(await portal.Tokens.RevealAsync(portal.Operator, created.Handle, KeySlot.Newest, AuditAction.KeyViewed, Cancellation));
        var entry = (await portal.AuditAsync()).Single(entry => entry.Action == AuditAction.TokenRestored);
        Assert.Equal("""{"status":"inactive","reason":null}""", entry.Details);
    }

    [Fact]
    public async Task Restore_Active_NeedsAReasonThatIsAudited()
    {
        await using var portal = await TestPortal.CreateAsync();
        var created = await DeletedAsync(portal);
        Assert.IsType<TokenOutcome.Refused>(await portal.Tokens.RestoreAsync(portal.Administrator, created.Handle, new TokenRestoration(Activate: true, Reason: "  "), cancellation: Cancellation));
        Assert.IsType<TokenOutcome.Refused>(await portal.Tokens.RestoreAsync(portal.Administrator, created.Handle, new TokenRestoration(Activate: true, Reason: new string('x', 300)), cancellation: Cancellation));

        await portal.Tokens.RestoreAsync(portal.Administrator, created.Handle, new TokenRestoration(Activate: true, Reason: "The shop is down"), cancellation: Cancellation);

        Assert.True(await AcceptsAsync(portal, created.Key!));
        Assert.Contains("\"reason\":\"The shop is down\"", (await portal.AuditAsync())[^1].Details, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restore_NameIsTaken_AsksForAnother()
    {
        await using var portal = await TestPortal.CreateAsync();
        var created = await DeletedAsync(portal);
        var name = (await portal.DetailsAsync(created.Handle)).Name;
        await portal.CreateAsync(name: name);

        var fault = Assert.Single(Assert.IsType<TokenOutcome.Invalid>(await portal.Tokens.RestoreAsync(portal.Administrator, created.Handle, new TokenRestoration(), cancellation: Cancellation)).Faults);
        Assert.Equal(TokenField.Name, fault.Field);
        Assert.IsType<TokenOutcome.Invalid>(await portal.Tokens.RestoreAsync(portal.Administrator, created.Handle, new TokenRestoration(" "), cancellation: Cancellation));
        Assert.IsType<TokenOutcome.Done>(await portal.Tokens.RestoreAsync(portal.Administrator, created.Handle, new TokenRestoration("Another name"), cancellation: Cancellation));
        Assert.Equal("Another name", (await portal.DetailsAsync(created.Handle)).Name);
        Assert.Contains($"\"before\":\"{name}\",\"after\":\"Another name\"", (await portal.AuditAsync())[^1].Details, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restore_TooLateOrNotDeleted_IsRefused()
    {
        await using var portal = await TestPortal.CreateAsync();
        var created = await DeletedAsync(portal);
        var other = await portal.CreateAsync(name: "Other");
        Assert.IsType<TokenOutcome.Refused>(await portal.Tokens.RestoreAsync(portal.Administrator, other.Handle, new TokenRestoration(), cancellation: Cancellation));
        Assert.IsType<TokenOutcome.NotFound>(await portal.Tokens.RestoreAsync(portal.OtherAccountActor, created.Handle, new TokenRestoration(), cancellation: Cancellation));
        await Assert.ThrowsAsync<AccessDeniedException>(() => portal.Tokens.RestoreAsync(portal.Operator, created.Handle, new TokenRestoration(), cancellation: Cancellation));

        portal.Clock.Advance(TimeSpan.FromDays(30));
        Assert.Contains("for 30 days", Assert.IsType<TokenOutcome.Refused>(await portal.Tokens.RestoreAsync(portal.Administrator, created.Handle, new TokenRestoration(), cancellation: Cancellation)).Message, StringComparison.Ordinal);
    }

    /// <summary>The key was rotated in the same second in which the token was deleted.</summary>
    [Fact]
    public async Task Restore_RotatedKey_StaysEnded()
    {
        await using var portal = await TestPortal.CreateAsync();
        var created = await portal.CreateAsync();
        var rotated = Assert.IsType<TokenOutcome.Done>(await portal.Tokens.RotateAsync(portal.Operator, created.Handle, null, cancellation: Cancellation));
        var deleted = Assert.IsType<TokenOutcome.Done>(await portal.Tokens.DeleteAsync(portal.Administrator, created.Handle, cancellation: Cancellation));
        await portal.Tokens.RestoreAsync(portal.Administrator, created.Handle, new TokenRestoration(Activate: true, Reason: "Test"), cancellation: Cancellation);

        Assert.False(await AcceptsAsync(portal, created.Key!));
        Assert.True(await AcceptsAsync(portal, rotated.Key!));
        Assert.Single(deleted.Former!.Secrets);
    }

    [Fact]
    public async Task Restore_KeyThatExpiredMeanwhile_StaysEnded()
    {
        await using var portal = await TestPortal.CreateAsync();
        var created = await portal.CreateAsync(days: 10);
        await portal.Tokens.DeleteAsync(portal.Administrator, created.Handle, cancellation: Cancellation);
        portal.Clock.Advance(TimeSpan.FromDays(11));
        await portal.Tokens.RestoreAsync(portal.Administrator, created.Handle, new TokenRestoration(Activate: true, Reason: "Test"), cancellation: Cancellation);

        Assert.Equal(TokenStatus.Expired, (await portal.DetailsAsync(created.Handle)).Status);
        Assert.False(await AcceptsAsync(portal, created.Key!));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Undo_Deletion_RestoresExactlyTheStateBefore(bool disabled)
    {
        await using var portal = await TestPortal.CreateAsync();
        var created = await portal.CreateAsync();
        if (disabled)
            await portal.Tokens.DisableAsync(portal.Operator, created.Handle, cancellation: Cancellation);
        var before = await portal.DetailsAsync(created.Handle);
        var deleted = Assert.IsType<TokenOutcome.Done>(await portal.Tokens.DeleteAsync(portal.Administrator, created.Handle, cancellation: Cancellation));
        Assert.DoesNotContain("Protected", deleted.Former!.ToString(), StringComparison.Ordinal);

        var undo = new TokenActionArguments { Former = deleted.Former, Condition = VersionCondition.Only(deleted.Version!.Value) };
        Assert.IsType<TokenOutcome.Done>(await TokenAction.Delete.Undo!.Run(portal.Tokens, portal.Administrator, created.Handle, undo, Cancellation));

        var after = await portal.DetailsAsync(created.Handle);
        Assert.Equal((before.Status, before.Name, before.ExpiresAt, null), (after.Status, after.Name, after.ExpiresAt, after.DeletedAt));
        Assert.Equal(before.LiveSecrets, after.LiveSecrets);
        Assert.Equal(!disabled, await AcceptsAsync(portal, created.Key!));
        var shown = Assert.IsType<RevealOutcome.Shown>(await portal.Tokens.RevealAsync(portal.Operator, created.Handle, KeySlot.Newest, AuditAction.KeyViewed, Cancellation));
        Assert.Equal(created.Key!.ToHeaderValue(), shown.Key.ToHeaderValue());
        // Once only.
        Assert.IsNotType<TokenOutcome.Done>(await TokenAction.Delete.Undo!.Run(portal.Tokens, portal.Administrator, created.Handle, undo, Cancellation));
    }

    [Fact]
    public async Task Undo_RestoredAndDeletedAgainSince_ChangesNothing()
    {
        await using var portal = await TestPortal.CreateAsync();
        var created = await portal.CreateAsync();
        var deleted = Assert.IsType<TokenOutcome.Done>(await portal.Tokens.DeleteAsync(portal.Administrator, created.Handle, cancellation: Cancellation));
        await portal.Tokens.RestoreAsync(portal.Administrator, created.Handle, new TokenRestoration(), cancellation: Cancellation);
        await portal.Tokens.DeleteAsync(portal.Administrator, created.Handle, cancellation: Cancellation);

        var undo = new TokenActionArguments { Former = deleted.Former, Condition = VersionCondition.Only(deleted.Version!.Value) };
        Assert.IsType<TokenOutcome.PreconditionFailed>(await TokenAction.Restore.Run(portal.Tokens, portal.Administrator, created.Handle, undo, Cancellation));
        Assert.Equal(TokenStatus.Deleted, (await portal.DetailsAsync(created.Handle)).Status);
    }

    /// <summary>Whether the gateway lets a request with the key pass.</summary>
    private static async Task<bool> AcceptsAsync(TestPortal portal, ApiKey key)
    {
        var target = RequestTarget.Parse("/public/v1/agreements", ApiKeyMiddleware.BasePath, portal.Services.GetRequiredService<PathOwners>());
        return (await portal.Services.GetRequiredService<AccessEvaluator>().EvaluateAsync(new AccessRequest(key.ToHeaderValue(), target.Owner, null, "/"), Cancellation)).Refusal is null;
    }

    private static async Task<TokenOutcome.Done> DeletedAsync(TestPortal portal)
    {
        var created = await portal.CreateAsync();
        await portal.Tokens.DeleteAsync(portal.Administrator, created.Handle, cancellation: Cancellation);
        Assert.False(await AcceptsAsync(portal, created.Key!));
        return created;
    }
}
