using Portal.Audit;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Tokens;

public sealed class TokenServiceRevealTests
{
    [Theory]
    [InlineData(AuditAction.KeyViewed)]
    [InlineData(AuditAction.KeyCopied)]
    public async Task Reveal_LiveKey_HandsItOutAndAuditsWho(string action)
    {
        await using var portal = await TestPortal.CreateAsync();
        var created = await portal.CreateAsync();

        var shown = Assert.IsType<RevealOutcome.Shown>(await portal.Tokens.RevealAsync(portal.Operator, created.Handle, KeySlot.Newest, action));

        Assert.Equal(created.Key!.ToHeaderValue(), shown.Key.ToHeaderValue());
        var entry = (await portal.AuditAsync())[^1];
        Assert.Equal((action, portal.Operator.Id, created.Handle, "Nightly report"), (entry.Action, entry.ActorId, entry.TargetId, entry.TargetName));
    }

    [Fact]
    public async Task Reveal_RenewedToken_ShowsEachKeyWhileItLives()
    {
        await using var portal = await TestPortal.CreateAsync();
        var first = await portal.CreateAsync(days: 10);
        var second = Assert.IsType<TokenOutcome.Done>(await portal.Tokens.RenewAsync(portal.Operator, first.Handle, portal.Now.AddDays(100)));

        Assert.Equal(second.Key!.ToHeaderValue(), (await RevealAsync(portal, first.Handle, KeySlot.Newest))!.ToHeaderValue());
        Assert.Equal(first.Key!.ToHeaderValue(), (await RevealAsync(portal, first.Handle, KeySlot.Previous))!.ToHeaderValue());
        portal.Clock.Advance(TimeSpan.FromDays(10));
        Assert.Null(await RevealAsync(portal, first.Handle, KeySlot.Previous));
        Assert.Equal(second.Key!.ToHeaderValue(), (await RevealAsync(portal, first.Handle, KeySlot.Newest))!.ToHeaderValue());
    }

    [Fact]
    public async Task Reveal_OnlyOneKeyOrNoToken_IsUnavailableAndNotAudited()
    {
        await using var portal = await TestPortal.CreateAsync();
        var created = await portal.CreateAsync();

        Assert.Null(await RevealAsync(portal, created.Handle, KeySlot.Previous));
        Assert.Null(await RevealAsync(portal, "SU-000-000-000", KeySlot.Newest));
        Assert.Null(await RevealAsync(portal, "no handle", KeySlot.Newest));
        Assert.DoesNotContain(await portal.AuditAsync(), entry => entry.Action == AuditAction.KeyViewed);
    }

    [SqliteOnly]
    [Fact]
    public async Task Reveal_KeyRingGone_IsUnavailableWhileTheKeyStillVerifies()
    {
        var directory = Directory.CreateTempSubdirectory("portal-test-").FullName;
        TokenOutcome.Done created;
        await using (var before = await TestPortal.CreateAsync(directory))
            created = await before.CreateAsync();
        Directory.Delete(Path.Combine(directory, "keys"), recursive: true);

        await using (var after = await TestPortal.CreateAsync(directory))
        {
            var outcome = await after.Tokens.RevealAsync(after.Operator, created.Handle, KeySlot.Newest, AuditAction.KeyViewed);
            Assert.Contains("rotate", Assert.IsType<RevealOutcome.Unavailable>(outcome).Message, StringComparison.Ordinal);
            Assert.True(await after.AcceptsAsync(created.Key!));
            var rotated = Assert.IsType<TokenOutcome.Done>(await after.Tokens.RotateAsync(after.Operator, created.Handle, null));
            Assert.Equal(rotated.Key!.ToHeaderValue(), (await RevealAsync(after, created.Handle, KeySlot.Newest))!.ToHeaderValue());
        }

        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task Reveal_KeyRingKept_SurvivesARestart()
    {
        var directory = Directory.CreateTempSubdirectory("portal-test-").FullName;
        TokenOutcome.Done created;
        await using (var before = await TestPortal.CreateAsync(directory))
            created = await before.CreateAsync();

        await using (var after = await TestPortal.CreateAsync(directory))
            Assert.Equal(created.Key!.ToHeaderValue(), (await RevealAsync(after, created.Handle, KeySlot.Newest))!.ToHeaderValue());

        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task Reveal_PolicyChangedToOnce_ShowsNoEarlierKeyEither()
    {
        var directory = Directory.CreateTempSubdirectory("portal-test-").FullName;
        TokenOutcome.Done created;
        await using (var before = await TestPortal.CreateAsync(directory))
            created = await before.CreateAsync();

        await using (var after = await TestPortal.CreateAsync(directory, settings: new() { ["Tokens:Reveal"] = "Once" }))
            Assert.Null(await RevealAsync(after, created.Handle, KeySlot.Newest));

        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task Reveal_CopyMovedToAnotherToken_DoesNotOpen()
    {
        await using var portal = await TestPortal.CreateAsync();
        var (mine, other) = (await portal.CreateAsync(), await portal.CreateAsync(name: "Other"));
        await portal.ExecuteAsync("UPDATE TokenSecrets SET Protected = (SELECT Protected FROM TokenSecrets WHERE Id = 1) WHERE Id = 2");

        Assert.NotNull(await RevealAsync(portal, mine.Handle, KeySlot.Newest));
        Assert.Null(await RevealAsync(portal, other.Handle, KeySlot.Newest));
    }

    private static async Task<ApiKey?> RevealAsync(TestPortal portal, string handle, KeySlot slot) =>
        (await portal.Tokens.RevealAsync(portal.Operator, handle, slot, AuditAction.KeyViewed) as RevealOutcome.Shown)?.Key;
}
