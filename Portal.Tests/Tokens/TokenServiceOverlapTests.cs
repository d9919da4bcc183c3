using Portal.Audit;
using Portal.Tests.Hosting;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Tokens;

/// <summary>Rotations after which the previous key works for a while, and its early end.</summary>
public sealed class TokenServiceOverlapTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1), Tick = TimeSpan.FromTicks(1);

    [Fact]
    public async Task Rotate_WithOverlap_PreviousKeyLivesUntilItEnds()
    {
        await using var portal = await TestPortal.CreateAsync();
        var first = await portal.CreateAsync();

        var second = await DoneAsync(portal.Tokens.RotateAsync(portal.Operator, first.Handle, null, Hour));

        Assert.Equal(TokenStatus.Revitalised, await portal.StatusAsync(first.Handle));
        Assert.Equal((true, true), (await portal.AcceptsAsync(first.Key!), await portal.AcceptsAsync(second.Key!)));
        Assert.Equal([null, portal.Now + Hour], (await portal.DetailsAsync(first.Handle)).LiveSecrets.Select(secret => secret.EndsAt));
        var entry = (await portal.AuditAsync())[^1];
        Assert.Equal(
            (TokenAction.Rotate.AuditCode, $$"""{"expires":null,"previous_ends":"2030-01-15T13:00:00Z","fingerprint":"{{second.Key!.Fingerprint}}"}"""), (entry.Action, entry.Details));
        portal.Clock.Advance(Hour - Tick);
        Assert.True(await portal.AcceptsAsync(first.Key!));
        portal.Clock.Advance(Tick);
        Assert.Equal((false, true), (await portal.AcceptsAsync(first.Key!), await portal.AcceptsAsync(second.Key!)));
        Assert.Equal(TokenStatus.Active, await portal.StatusAsync(first.Handle));
    }

    [Fact]
    public async Task Rotate_WithOverlapWhileTwoKeysLive_EndsTheOldestAtOnce()
    {
        await using var portal = await TestPortal.CreateAsync();
        var first = await portal.CreateAsync();
        var second = await DoneAsync(portal.Tokens.RotateAsync(portal.Operator, first.Handle, null, Hour));

        var third = await DoneAsync(portal.Tokens.RotateAsync(portal.Operator, first.Handle, null, Hour * 2));

        Assert.Equal(
            (false, true, true), (await portal.AcceptsAsync(first.Key!), await portal.AcceptsAsync(second.Key!), await portal.AcceptsAsync(third.Key!)));
        Assert.Equal(2, (await portal.DetailsAsync(first.Handle)).LiveSecrets.Count);
    }

    [Fact]
    public async Task Rotate_OverlapBeyondTheKeysOwnEnd_EndsWithIt()
    {
        await using var portal = await TestPortal.CreateAsync();
        var first = await portal.CreateAsync(days: 2);

        await DoneAsync(portal.Tokens.RotateAsync(portal.Operator, first.Handle, portal.Now.AddDays(90), TimeSpan.FromDays(7)));

        Assert.Equal(portal.Now.AddDays(2), (await portal.DetailsAsync(first.Handle)).LiveSecrets[1].EndsAt);
        portal.Clock.Advance(TimeSpan.FromDays(2));
        Assert.False(await portal.AcceptsAsync(first.Key!));
    }

    [Fact]
    public async Task Rotate_WithOverlapAfterTheKeyHasEnded_LeavesItEnded()
    {
        await using var portal = await TestPortal.CreateAsync();
        var first = await portal.CreateAsync(days: 2);
        portal.Clock.Advance(TimeSpan.FromDays(3));

        var second = await DoneAsync(portal.Tokens.RotateAsync(portal.Operator, first.Handle, null, Hour));

        Assert.Equal((false, true), (await portal.AcceptsAsync(first.Key!), await portal.AcceptsAsync(second.Key!)));
        Assert.Equal(TokenStatus.Active, await portal.StatusAsync(first.Handle));
    }

    [Fact]
    public async Task Rotate_NoOverlap_EndsThePreviousKeyAtOnce()
    {
        await using var portal = await TestPortal.CreateAsync();
        var first = await portal.CreateAsync();

        await DoneAsync(portal.Tokens.RotateAsync(portal.Operator, first.Handle, null, TimeSpan.Zero));

        Assert.False(await portal.AcceptsAsync(first.Key!));
    }

    [Theory]
    [InlineData("-00:00:01", "The overlap can't be negative.")]
    [InlineData("30.00:00:01", "The overlap can be 30 days at most.")]
    [InlineData("00:00:00.5", "The overlap must be in whole seconds.")]
    public async Task Rotate_BadOverlap_ChangesNothing(string overlap, string message)
    {
        await using var portal = await TestPortal.CreateAsync();
        var first = await portal.CreateAsync();

        var outcome = await portal.Tokens.RotateAsync(portal.Operator, first.Handle, null, TimeSpan.Parse(overlap, System.Globalization.CultureInfo.InvariantCulture));

        Assert.Equal(new Fault(TokenField.Overlap, message), Assert.Single(Assert.IsType<TokenOutcome.Invalid>(outcome).Faults));
        Assert.Single((await portal.DetailsAsync(first.Handle)).LiveSecrets);
        await DoneAsync(portal.Tokens.RotateAsync(portal.Operator, first.Handle, null, TokenRules.LongestOverlap));
    }

    [Fact]
    public async Task EndPrevious_TwoKeysLive_EndsItForGoodAndIsAudited()
    {
        await using var portal = await TestPortal.CreateAsync();
        var first = await portal.CreateAsync(days: 10);
        var second = await DoneAsync(portal.Tokens.RenewAsync(portal.Operator, first.Handle, portal.Now.AddDays(100)));

        await DoneAsync(portal.Tokens.EndPreviousAsync(portal.Operator, first.Handle));

        Assert.Equal((false, true), (await portal.AcceptsAsync(first.Key!), await portal.AcceptsAsync(second.Key!)));
        Assert.Equal(TokenStatus.Active, await portal.StatusAsync(first.Handle));
        Assert.IsType<RevealOutcome.Unavailable>(await portal.Tokens.RevealAsync(portal.Operator, first.Handle, KeySlot.Previous, AuditAction.KeyViewed));
        await using (var context = await portal.OpenAsync())
            Assert.Equal([false, true], context.TokenSecrets.OrderBy(secret => secret.Id).Select(secret => secret.Protected != null));
        var entry = (await portal.AuditAsync())[^1];
        Assert.Equal((TokenAction.EndPrevious.AuditCode, """{"would_have_ended":"2030-01-25T12:00:00Z"}"""), (entry.Action, entry.Details));
        await DoneAsync(portal.Tokens.RenewAsync(portal.Operator, first.Handle, portal.Now.AddDays(200)));
    }

    [Fact]
    public async Task EndPrevious_OneKeyLives_ChangesNothing()
    {
        await using var portal = await TestPortal.CreateAsync();
        var first = await portal.CreateAsync();
        var before = await portal.DetailsAsync(first.Handle);

        await DoneAsync(portal.Tokens.EndPreviousAsync(portal.Operator, first.Handle));

        Assert.True(await portal.AcceptsAsync(first.Key!));
        Assert.Equal(before.Version, (await portal.DetailsAsync(first.Handle)).Version);
        Assert.Single(await portal.AuditAsync());
    }

    [Theory]
    [InlineData(null, null, false)]
    [InlineData(null, "2030-01-15 12:00:05", true)]
    [InlineData("2030-01-15 11:59:59", "2030-01-15 12:00:05", true)]
    [InlineData("2030-01-15 12:00:00", "2030-01-15 12:00:05", false)]
    [InlineData("2030-01-15 11:59:59", null, false)]
    public async Task IsPreviousSafeToEnd_WhenOnlyTheNewKeyWasUsedSinceItWasMade(string? previous, string? newest, bool expected)
    {
        await using var portal = await TestPortal.CreateAsync();
        var first = await portal.CreateAsync();
        Assert.False((await portal.DetailsAsync(first.Handle)).IsPreviousSafeToEnd);
        await DoneAsync(portal.Tokens.RotateAsync(portal.Operator, first.Handle, null, Hour));
        await portal.ExecuteAsync($"UPDATE TokenSecrets SET LastUsedAt = {Sql(newest)}; UPDATE TokenSecrets SET LastUsedAt = {Sql(previous)} WHERE Id = (SELECT MIN(Id) FROM TokenSecrets)");

        Assert.Equal(expected, (await portal.DetailsAsync(first.Handle)).IsPreviousSafeToEnd);
    }

    private static string Sql(string? moment) => moment is null ? "NULL" : $"'{moment}'";

    private static async Task<TokenOutcome.Done> DoneAsync(Task<TokenOutcome> outcome) => Assert.IsType<TokenOutcome.Done>(await outcome);
}
