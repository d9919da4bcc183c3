using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Authentication;

/// <summary>The second check: the token's state and its keys, against the clock.</summary>
public sealed class ApiKeyMiddlewareStateTests(PortalHost portal) : IClassFixture<PortalHost>
{
    private const string Path = "/public/v1/agreements";

    private DateTime Now => portal.Clock.GetUtcNow().UtcDateTime;

    [Fact]
    public async Task Disable_NextRequest_IsRefusedUntilEnabled()
    {
        var key = await portal.CreateTokenAsync();
        await AssertServedAsync(key);
        for (var round = 0; round < 3; round++)
        {
            await portal.DisableAsync(key);
            Assert.Equal(
                $"The token {key.Handle} is disabled. Ask its administrator to enable it.", await AssertNotUsableAsync(key));
            await portal.EnableAsync(key);
            await AssertServedAsync(key);
        }
    }

    [Fact]
    public async Task Delete_NextRequest_IsRefused()
    {
        var key = await portal.CreateTokenAsync();
        await AssertServedAsync(key);
        await portal.DeleteAsync(key);
        Assert.Contains("was deleted", await AssertNotUsableAsync(key), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pending_IsRefusedUntilEnabled()
    {
        var key = await portal.CreateTokenAsync();
        await using (var context = await portal.ContextAsync())
            await context.Tokens.Where(token => token.Handle == key.Handle).ExecuteUpdateAsync(
                token => token.SetProperty(it => it.Status, StoredStatus.Pending), TestContext.Current.CancellationToken);
        portal.Services.GetRequiredService<TokenChanges>().Publish(key.Handle);
        Assert.Contains("is pending", await AssertNotUsableAsync(key), StringComparison.Ordinal);
        await portal.EnableAsync(key);
        await AssertServedAsync(key);
    }

    [Fact]
    public async Task Pending_WithAStart_IsServedFromTheVeryMoment()
    {
        var key = await portal.CreateTokenAsync();
        var start = Now.AddHours(1);
        await using (var context = await portal.ContextAsync())
            await context.Tokens.Where(token => token.Handle == key.Handle).ExecuteUpdateAsync(
                token => token.SetProperty(it => it.Status, StoredStatus.Pending).SetProperty(it => it.StartsAt, start), TestContext.Current.CancellationToken);
        portal.Services.GetRequiredService<TokenChanges>().Publish(key.Handle);
        portal.Clock.Advance(TimeSpan.FromHours(1) - TimeSpan.FromTicks(10));
        Assert.Contains($"is pending until {start:yyyy-MM-dd'T'HH:mm:ss'Z'}", await AssertNotUsableAsync(key), StringComparison.Ordinal);
        portal.Clock.Advance(TimeSpan.FromTicks(10));
        await AssertServedAsync(key);
    }

    [Fact]
    public async Task Expired_AtTheVeryMoment_IsRefused()
    {
        var key = await portal.CreateTokenAsync(Now.AddHours(1));
        portal.Clock.Advance(TimeSpan.FromHours(1) - TimeSpan.FromTicks(1));
        await AssertServedAsync(key);
        portal.Clock.Advance(TimeSpan.FromTicks(1));
        Assert.Contains("has expired", await AssertNotUsableAsync(key), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExpiredAndDisabledAndDeleted_LaterStateIsTold()
    {
        var key = await portal.CreateTokenAsync(Now.AddHours(1));
        portal.Clock.Advance(TimeSpan.FromHours(2));
        Assert.Contains("has expired", await AssertNotUsableAsync(key), StringComparison.Ordinal);
        await portal.DisableAsync(key);
        Assert.Contains("is disabled", await AssertNotUsableAsync(key), StringComparison.Ordinal);
        await portal.DeleteAsync(key);
        Assert.Contains("was deleted", await AssertNotUsableAsync(key), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rotate_PreviousKey_EndsAtOnce()
    {
        var first = await portal.CreateTokenAsync(Now.AddDays(1));
        await AssertServedAsync(first);
        var second = await portal.RotateAsync(first);
        await AssertRetiredAsync(first);
        await AssertServedAsync(second);
    }

    [Fact]
    public async Task Rotate_ManyTimes_OnlyTheNewestKeyIsAccepted()
    {
        List<ApiKey> keys = [await portal.CreateTokenAsync()];
        for (var i = 0; i < 3; i++)
            keys.Add(await portal.RotateAsync(keys[0]));
        foreach (var old in keys[..^1])
            await AssertRetiredAsync(old);
        await AssertServedAsync(keys[^1]);
    }

    [Fact]
    public async Task Renew_PreviousKey_LivesUntilItsOwnEnd()
    {
        var first = await portal.CreateTokenAsync(Now.AddHours(1));
        var second = await portal.RenewAsync(first, Now.AddHours(3));
        portal.Clock.Advance(TimeSpan.FromHours(1) - TimeSpan.FromTicks(1));
        await AssertServedAsync(first);
        await AssertServedAsync(second);
        portal.Clock.Advance(TimeSpan.FromTicks(1));
        await AssertRetiredAsync(first);
        await AssertServedAsync(second);
        portal.Clock.Advance(TimeSpan.FromHours(2));
        Assert.Contains("has expired", await AssertNotUsableAsync(second), StringComparison.Ordinal);
        await AssertRetiredAsync(first);
    }

    [Fact]
    public async Task Renew_ExpiredToken_PreviousKeyStaysRefused()
    {
        var first = await portal.CreateTokenAsync(Now.AddHours(1));
        portal.Clock.Advance(TimeSpan.FromHours(2));
        var second = await portal.RenewAsync(first, Now.AddHours(1));
        await AssertServedAsync(second);
        await AssertRetiredAsync(first);
    }

    [Fact]
    public async Task RetiredKey_OfADisabledToken_IsJustUnauthorized()
    {
        var first = await portal.CreateTokenAsync();
        await portal.RotateAsync(first);
        await portal.DisableAsync(first);
        await AssertRetiredAsync(first);
    }

    private async Task AssertServedAsync(ApiKey key)
    {
        using var response = await portal.SendAsync(key, Path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private async Task<string> AssertNotUsableAsync(ApiKey key)
    {
        using var response = await portal.SendAsync(key, Path);
        return await ErrorBody.AssertAsync(response, HttpStatusCode.Unauthorized, "AUTH_002");
    }

    private async Task AssertRetiredAsync(ApiKey key)
    {
        using var response = await portal.SendAsync(key, Path);
        await ErrorBody.AssertAsync(response, HttpStatusCode.Unauthorized, "AUTH_001");
    }
}
