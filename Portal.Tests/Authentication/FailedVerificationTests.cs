using System.Net;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Authentication;

/// <summary>The limit of requests without a valid key from an address. <see cref="Proxy"/> forwards for clients at other addresses.</summary>
public sealed class FailedVerificationTests : IAsyncLifetime
{
    private const string Path = "/public/v1/agreements", Proxy = "127.0.0.1";

    private readonly PortalHost _portal = new("Development", new Dictionary<string, string>
    {
        ["Tokens:FailedVerifications"] = "3 per day", ["Portal:TrustedProxies:0"] = Proxy,
    });

    public ValueTask InitializeAsync() => _portal.InitializeAsync();

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task Address_ThatKeepsOnGuessing_IsToldToWait()
    {
        await FailAsync("192.0.2.1", 3);
        using var response = await SendAsync("192.0.2.1", "garbage");
        Assert.Equal(
            $"Too many requests without a valid key came from 192.0.2.1. Check the key, and try again in {response.Headers.RetryAfter} seconds.",
            await ErrorBody.AssertAsync(response, HttpStatusCode.TooManyRequests, "RATE_001"));
    }

    [Fact]
    public async Task Address_BeyondItsLimit_IsStillServedWithARightKey()
    {
        var key = await _portal.CreateTokenAsync();
        await FailAsync("192.0.2.2", 4);
        using var response = await SendAsync("192.0.2.2", key.ToHeaderValue());
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task OtherAddress_IsNotConcerned()
    {
        await FailAsync("192.0.2.3", 4);
        using var response = await SendAsync("192.0.2.4", "garbage");
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task AddressesOfOneIPv6Network_AreOne()
    {
        for (var i = 1; i <= 3; i++)
            await FailAsync($"2001:db8:1:1::{i}", 1);
        using var same = await SendAsync("2001:db8:1:1:ffff::9", "garbage");
        Assert.Equal(HttpStatusCode.TooManyRequests, same.StatusCode);
        using var other = await SendAsync("2001:db8:1:2::1", "garbage");
        Assert.Equal(HttpStatusCode.Unauthorized, other.StatusCode);
    }

    [Theory]
    [InlineData("wrong secret")]
    [InlineData("unknown handle")]
    [InlineData("no header")]
    [InlineData("retired key")]
    public async Task AnyKindOfFailure_Counts(string kind)
    {
        var key = await _portal.CreateTokenAsync();
        var header = kind switch
        {
            "wrong secret" => $"ApiKey {key.Handle}:{new string('0', 40)}",
            "unknown handle" => ApiKey.Create(ApiKey.CreateHandle()).ToHeaderValue(),
            "retired key" => key.ToHeaderValue(),
            _ => null,
        };
        await _portal.RotateAsync(key);
        var address = $"198.51.100.{kind.Length}";
        for (var i = 0; i < 3; i++)
        {
            using var refused = await SendAsync(address, header);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }

        using var response = await SendAsync(address, header);
        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
    }

    [Fact]
    public async Task RightKeyOfATokenThatMayNot_IsNoFailure()
    {
        var key = await _portal.CreateTokenAsync();
        await _portal.DisableAsync(key);
        for (var i = 0; i < 5; i++)
        {
            using var response = await SendAsync("192.0.2.9", key.ToHeaderValue());
            await ErrorBody.AssertAsync(response, HttpStatusCode.Unauthorized, "AUTH_002");
        }
    }

    private async Task FailAsync(string address, int times)
    {
        for (var i = 0; i < times; i++)
            (await SendAsync(address, "garbage")).Dispose();
    }

    private Task<HttpResponseMessage> SendAsync(string address, string? authorization)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, Path);
        request.Headers.Add("X-Forwarded-For", address);
        if (authorization is not null)
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        return _portal.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
