using Microsoft.EntityFrameworkCore;
using Portal.Audit;
using Portal.Tests.Hosting;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Reading;

namespace Portal.Tests.Tokens;

public sealed class TokenServiceKeysTests
{
    [Fact]
    public async Task Renew_LiveToken_BothKeysLiveUntilThePreviousEnds()
    {
        await using var portal = await TestPortal.CreateAsync();
        var first = await portal.CreateAsync(days: 10);

        var renewed = await DoneAsync(portal.Tokens.RenewAsync(portal.Operator, first.Handle, portal.Now.AddDays(100)));

        Assert.Equal(TokenStatus.Revitalised, await portal.StatusAsync(first.Handle));
        Assert.Equal((true, true), (await portal.AcceptsAsync(first.Key!), await portal.AcceptsAsync(renewed.Key!)));
        var live = (await portal.DetailsAsync(first.Handle)).LiveSecrets;
        Assert.Equal([(KeySlot.Newest, TestPortal.Start.AddDays(100)), (KeySlot.Previous, TestPortal.Start.AddDays(10))], live.Select(secret => (secret.Slot, secret.EndsAt!.Value)));

        portal.Clock.Advance(TimeSpan.FromDays(10) - TimeSpan.FromTicks(1));
        Assert.Equal(TokenStatus.Revitalised, await portal.StatusAsync(first.Handle));
        portal.Clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(TokenStatus.Active, await portal.StatusAsync(first.Handle));
        Assert.Equal((false, true), (await portal.AcceptsAsync(first.Key!), await portal.AcceptsAsync(renewed.Key!)));
        portal.Clock.Advance(TimeSpan.FromDays(60));
        Assert.Equal(TokenStatus.Expiring, await portal.StatusAsync(first.Handle));
        portal.Clock.Advance(TimeSpan.FromDays(30));
        Assert.Equal(TokenStatus.Expired, await portal.StatusAsync(first.Handle));
    }

    [Fact]
    public async Task Renew_ExpiredToken_PreviousSecretStaysRefused()
    {
        await using var portal = await TestPortal.CreateAsync();
        var first = await portal.CreateAsync(days: 10);
        portal.Clock.Advance(TimeSpan.FromDays(11));

        var renewed = await DoneAsync(portal.Tokens.RenewAsync(portal.Operator, first.Handle, portal.Now.AddDays(100)));

        Assert.Equal(TokenStatus.Active, await portal.StatusAsync(first.Handle));
        Assert.Equal((false, true), (await portal.AcceptsAsync(first.Key!), await portal.AcceptsAsync(renewed.Key!)));
    }

    [Fact]
    public async Task Renew_WhileTwoKeysLive_IsRefusedAndOfferedAgainAfterwards()
    {
        await using var portal = await TestPortal.CreateAsync();
        var first = await portal.CreateAsync(days: 10);
        await portal.Tokens.RenewAsync(portal.Operator, first.Handle, portal.Now.AddDays(100));
        await portal.Tokens.DisableAsync(portal.Operator, first.Handle);

        Assert.IsType<TokenOutcome.Refused>(await portal.Tokens.RenewAsync(portal.Operator, first.Handle, portal.Now.AddDays(200)));
        Assert.False((await portal.ListAsync(new TokenQuery())).Single().Actions.Allows(TokenAction.Renew));
        Assert.False(TokenActions.For(portal.Operator, await portal.DetailsAsync(first.Handle)).Allows(TokenAction.Renew));

        portal.Clock.Advance(TimeSpan.FromDays(10));
        Assert.True((await portal.ListAsync(new TokenQuery())).Single().Actions.Allows(TokenAction.Renew));
        Assert.True(TokenActions.For(portal.Operator, await portal.DetailsAsync(first.Handle)).Allows(TokenAction.Renew));
        await DoneAsync(portal.Tokens.RenewAsync(portal.Operator, first.Handle, portal.Now.AddDays(200)));
    }

    [Fact]
    public async Task Renew_Perpetual_IsRefusedAndNotOffered()
    {
        await using var portal = await TestPortal.CreateAsync();
        var first = await portal.CreateAsync(days: null);

        Assert.IsType<TokenOutcome.Refused>(await portal.Tokens.RenewAsync(portal.Operator, first.Handle, portal.Now.AddDays(100)));
        Assert.False((await portal.ListAsync(new TokenQuery())).Single().Actions.Allows(TokenAction.Renew));
    }

    [Fact]
    public async Task Renew_DisabledTokenWhoseKeyExpired_StaysDisabled()
    {
        await using var portal = await TestPortal.CreateAsync();
        var first = await portal.CreateAsync(days: 10);
        await portal.Tokens.DisableAsync(portal.Operator, first.Handle);
        portal.Clock.Advance(TimeSpan.FromDays(11));
        Assert.Equal(TokenStatus.Inactive, await portal.StatusAsync(first.Handle));

        await DoneAsync(portal.Tokens.RenewAsync(portal.Operator, first.Handle, portal.Now.AddDays(100)));

        Assert.Equal(TokenStatus.Inactive, await portal.StatusAsync(first.Handle));
        await portal.Tokens.EnableAsync(portal.Operator, first.Handle);
        Assert.Equal(TokenStatus.Active, await portal.StatusAsync(first.Handle));
    }

    [Fact]
    public async Task Enable_DisabledTokenWhoseKeyExpired_IsExpired()
    {
        await using var portal = await TestPortal.CreateAsync();
        var first = await portal.CreateAsync(days: 10);
        await portal.Tokens.DisableAsync(portal.Operator, first.Handle);
        portal.Clock.Advance(TimeSpan.FromDays(11));

        await DoneAsync(portal.Tokens.EnableAsync(portal.Operator, first.Handle));

        Assert.Equal(TokenStatus.Expired, await portal.StatusAsync(first.Handle));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(3_000_000_000)]
    public async Task RenewAndRotate_WrongExpiration_ChangeNothing(long seconds)
    {
        await using var portal = await TestPortal.CreateAsync();
        var first = await portal.CreateAsync(days: 10);
        var before = await portal.DetailsAsync(first.Handle);
        // 95 years would be allowed, so use the last possible time.
        var moment = seconds > 1_000_000_000 ? DateTime.MaxValue : portal.Now.AddSeconds(seconds);

        foreach (var outcome in new[]
        {
            await portal.Tokens.RenewAsync(portal.Operator, first.Handle, moment), await portal.Tokens.RotateAsync(portal.Operator, first.Handle, moment),
        })
            Assert.Equal(TokenField.Expiration, Assert.Single(Assert.IsType<TokenOutcome.Invalid>(outcome).Faults).Field);

        Assert.Equal(before.Version, (await portal.DetailsAsync(first.Handle)).Version);
        Assert.Single(await portal.AuditAsync());
    }

    [Fact]
    public async Task Rotate_TwoLiveKeys_EndsBothAtOnce()
    {
        await using var portal = await TestPortal.CreateAsync();
        var first = await portal.CreateAsync(days: 10);
        var second = await DoneAsync(portal.Tokens.RenewAsync(portal.Operator, first.Handle, portal.Now.AddDays(100)));

        var third = await DoneAsync(portal.Tokens.RotateAsync(portal.Operator, first.Handle, portal.Now.AddDays(50)));

        Assert.Equal(
            (false, false, true), (await portal.AcceptsAsync(first.Key!), await portal.AcceptsAsync(second.Key!), await portal.AcceptsAsync(third.Key!)));
        Assert.Equal(TokenStatus.Active, await portal.StatusAsync(first.Handle));
        Assert.Equal(TestPortal.Start.AddDays(50), (await portal.DetailsAsync(first.Handle)).ExpiresAt);
    }

    [Fact]
    public async Task Rotate_Repeatedly_KeepsRetiredHashesAndNoRetiredCopies()
    {
        await using var portal = await TestPortal.CreateAsync();
        var first = await portal.CreateAsync();
        for (var i = 0; i < 3; i++)
            await DoneAsync(portal.Tokens.RotateAsync(portal.Operator, first.Handle, null));

        await using var context = await portal.OpenAsync();
        var secrets = await context.TokenSecrets.OrderByDescending(secret => secret.Id).ToListAsync();
        Assert.Equal(4, secrets.Count);
        Assert.Equal([true, false, false, false], secrets.Select(secret => secret.Protected is not null));
        Assert.Equal([null, portal.Now, portal.Now, portal.Now], secrets.Select(secret => secret.EndsAt));
    }

    [Fact]
    public async Task Rotate_KeyThatEndedBefore_KeepsWhenItEnded()
    {
        await using var portal = await TestPortal.CreateAsync();
        var first = await portal.CreateAsync(days: 10);
        portal.Clock.Advance(TimeSpan.FromDays(11));

        await DoneAsync(portal.Tokens.RotateAsync(portal.Operator, first.Handle, portal.Now.AddDays(5)));

        await using var context = await portal.OpenAsync();
        var token = await context.Tokens.Include(token => token.Secrets).SingleAsync();
        Assert.Equal(TestPortal.Start.AddDays(10), token.PreviousEndsAt);
        Assert.Equal(token.PreviousEndsAt, token.Secrets.MinBy(secret => secret.Id)!.EndsAt);
    }

    [Fact]
    public async Task Keys_OfADeletedToken_CannotBeMadeOrShown()
    {
        await using var portal = await TestPortal.CreateAsync();
        var first = await portal.CreateAsync();
        await portal.Tokens.DeleteAsync(portal.Administrator, first.Handle);

        Assert.IsType<TokenOutcome.Refused>(await portal.Tokens.RotateAsync(portal.Operator, first.Handle, null));
        Assert.IsType<TokenOutcome.Refused>(await portal.Tokens.RenewAsync(portal.Operator, first.Handle, portal.Now.AddDays(1)));
        Assert.IsType<RevealOutcome.Unavailable>(await portal.Tokens.RevealAsync(portal.Operator, first.Handle, KeySlot.Newest, AuditAction.KeyViewed));
    }

    private static async Task<TokenOutcome.Done> DoneAsync(Task<TokenOutcome> outcome) => Assert.IsType<TokenOutcome.Done>(await outcome);
}
