using System.Globalization;
using System.Net;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Reading;

namespace Portal.Tests.Authentication;

/// <summary>The rate limits of tokens. Limits are per day, so that a bucket isn't refilled during a test.</summary>
public sealed class RateLimitTests : IAsyncLifetime
{
    private static readonly string[] Names = ["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "RateLimit-Policy"];

    private readonly PortalHost _portal = new("Development", new Dictionary<string, string> { ["Tokens:RateLimit"] = "3 per day" });

    public ValueTask InitializeAsync() => _portal.InitializeAsync();

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task Token_WithinItsLimit_IsServedAndToldWhatIsLeft()
    {
        var key = await _portal.CreateTokenAsync();
        for (var left = 2; left >= 0; left--)
        {
            using var response = await CallAsync(key);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(["3", left.ToString(CultureInfo.InvariantCulture), $"{(3 - left) * 28800}", "3;w=86400"], RateHeadersOf(response));
        }
    }

    [Fact]
    public async Task Token_BeyondItsLimit_IsRefusedAndToldWhenToTryAgain()
    {
        var key = await SpentAsync();
        using var response = await CallAsync(key);
        Assert.Equal(
            $"The token {key.Handle} may send 3 requests per day. Try again in {response.Headers.RetryAfter} seconds.",
            await ErrorBody.AssertAsync(response, HttpStatusCode.TooManyRequests, "RATE_001"));
        // The first of the three requests is available again after eight hours.
        Assert.InRange(int.Parse(response.Headers.RetryAfter!.ToString(), CultureInfo.InvariantCulture), 28000, 28800);
        Assert.Equal("0", response.Headers.GetValues("RateLimit-Remaining").Single());
        Assert.Equal(["2026-11-24 MD-0002 200 - 3", "2026-11-24 MD-0002 429 RATE_001 1"], await _portal.CountsAsync(key.Handle));
    }

    [Fact]
    public async Task Token_BeyondItsLimit_LeavesOthersAlone()
    {
        await SpentAsync();
        using var response = await CallAsync(await _portal.CreateTokenAsync());
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Token_WhoseLimitIsRaised_IsServedAtOnce()
    {
        var key = await SpentAsync();
        await SetAsync(key, RateLimitChoice.Of(new RateLimit(5, RateUnit.Day)));
        using var response = await CallAsync(key);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("5;w=86400", response.Headers.GetValues("RateLimit-Policy").Single());
    }

    [Fact]
    public async Task Token_WithoutLimit_IsServedAndHearsNothingOfLimits()
    {
        var key = await SpentAsync();
        await SetAsync(key, RateLimitChoice.None);
        using var response = await CallAsync(key);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.False(response.Headers.Contains("RateLimit-Limit"));
    }

    [Fact]
    public async Task Token_DisabledAndEnabled_HasNotGotItsBucketFilled()
    {
        var key = await SpentAsync();
        await _portal.DisableAsync(key);
        await _portal.EnableAsync(key);
        using var response = await CallAsync(key);
        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
    }

    [Fact]
    public async Task Request_RefusedBeforeItsRateIsLookedAt_CostsNothing()
    {
        var key = await _portal.CreateTokenAsync(null, "MD-0002");
        for (var i = 0; i < 4; i++)
        {
            using var forbidden = await _portal.SendAsync(key, "/public/v1/billing");
            Assert.Equal(HttpStatusCode.Forbidden, forbidden.StatusCode);
        }

        using var response = await CallAsync(key);
        Assert.Equal("2", response.Headers.GetValues("RateLimit-Remaining").Single());
    }

    [Fact]
    public async Task Request_ForAPathOfNobody_CostsOne()
    {
        var key = await _portal.CreateTokenAsync();
        using var response = await _portal.SendAsync(key, "/public/v1/nothing");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("2", response.Headers.GetValues("RateLimit-Remaining").Single());
    }

    private Task<HttpResponseMessage> CallAsync(ApiKey key) => _portal.SendAsync(key, "/public/v1/agreements");

    private async Task<ApiKey> SpentAsync()
    {
        var key = await _portal.CreateTokenAsync();
        for (var i = 0; i < 3; i++)
            (await CallAsync(key)).Dispose();
        return key;
    }

    private async Task SetAsync(ApiKey key, RateLimitChoice limit)
    {
        var reader = (TokenReader)_portal.Services.GetService(typeof(TokenReader))!;
        var token = (await reader.FindAsync(_portal.Administrator, key.Handle))!;
        var outcome = await _portal.Tokens.EditAsync(
            _portal.Administrator, key.Handle, new TokenEdit(token.Name, null, null, token.Choice, limit), token.Version);
        Assert.IsType<TokenOutcome.Done>(outcome);
    }

    private static string[] RateHeadersOf(HttpResponseMessage response) =>
        [.. Names.Select(name => response.Headers.GetValues(name).Single())];
}
