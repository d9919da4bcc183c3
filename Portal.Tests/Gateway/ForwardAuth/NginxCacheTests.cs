using System.Diagnostics;
using System.Net;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Gateway.ForwardAuth;

/// <summary>A real nginx that caches decisions, as the documentation shows, and the effect on revocation.</summary>
[Slow]
public sealed class NginxCacheTests
{
    private const string Agreements = "/public/v1/agreements";

    [Fact]
    public async Task Disable_DecisionKept_LetsThroughUntilItIsGone()
    {
        await using var run = await ProxyRun.StartNginxAsync("1h");
        var key = await run.Portal.CreateTokenAsync();
        await AssertAsync(run, key, Agreements, 200);
        await run.Portal.DisableAsync(key);
        for (var i = 0; i < 3; i++)
            await AssertAsync(run, key, Agreements, 200);
        Assert.Equal(4, run.Upstream.Seen.Count);
        Assert.All(run.Upstream.Seen, seen => Assert.Equal(key.Handle, seen.Headers["X-Token-Handle"]));
        // For a request that isn't in the cache, nginx asks.
        await AssertAsync(run, key, Agreements + "/other", 401);
        Assert.Equal(["2026-11-24 MD-0002 200 - 1", "2026-11-24 MD-0002 401 AUTH_002 1"], await run.Portal.CountsAsync(key.Handle));

        foreach (var file in Directory.EnumerateFiles(Path.Combine(run.Proxy.Folder, "cache")))
            File.Delete(file);
        await AssertAsync(run, key, Agreements, 401);
    }

    [Fact]
    public async Task Disable_DecisionKeptForASecond_IsInForceAfterIt()
    {
        await using var run = await ProxyRun.StartNginxAsync("1s");
        var key = await run.Portal.CreateTokenAsync();
        await AssertAsync(run, key, Agreements, 200);
        await run.Portal.DisableAsync(key);
        var since = Stopwatch.StartNew();
        for (var status = 200; status != 401;)
        {
            Assert.True(since.Elapsed < TimeSpan.FromSeconds(30), "The decision is still kept.");
            (status, _) = await run.SendRawAsync(key, Agreements);
        }
    }

    [Fact]
    public async Task Refusal_IsNotKept()
    {
        await using var run = await ProxyRun.StartNginxAsync("1h");
        var key = await run.Portal.CreateTokenAsync();
        await run.Portal.DisableAsync(key);
        await AssertAsync(run, key, Agreements, 401);
        await run.Portal.EnableAsync(key);
        await AssertAsync(run, key, Agreements, 200);
    }

    [Fact]
    public async Task DecisionKept_IsForThatKeyPathAndMethodAlone()
    {
        await using var run = await ProxyRun.StartNginxAsync("1h");
        var key = await run.Portal.CreateTokenAsync(null, "MD-0002");
        await AssertAsync(run, key, Agreements, 200);
        await AssertAsync(run, await run.Portal.CreateTokenAsync(null, "MD-0003"), Agreements, 403);
        await AssertAsync(run, key, "/public/v1/billing", 403);
        await AssertAsync(run, key, Agreements + "?x", 200);
        using (var post = await run.SendAsync(key, Agreements, "POST"))
            Assert.Equal(HttpStatusCode.OK, post.StatusCode);
        Assert.Equal(["2026-11-24 MD-0002 200 - 3", "2026-11-24 MD-0003 403 AUTH_004 1"], await run.Portal.CountsAsync(key.Handle));
    }

    /// <summary>A client can make its path or header look like the rest of another request's cache key, unless it is clear where one ends and the
    /// other begins.</summary>
    [Fact]
    public async Task DecisionKept_CannotBeMadeToFitAnotherRequest()
    {
        await using var run = await ProxyRun.StartNginxAsync("1h");
        var value = (await run.Portal.CreateTokenAsync(null, "MD-0002")).ToHeaderValue();
        foreach (var sign in new[] { "|", "", ":", "$" })
        {
            // Allowed and cached, whatever characters its path has; then the same characters, divided differently.
            var (allowed, _) = await RawHttp.SendAsync(run.Proxy.Address, $"{Agreements}/x{sign}GET{sign}/public/v1/billing", $"Authorization: {value}");
            var (forged, _) = await RawHttp.SendAsync(run.Proxy.Address, "/public/v1/billing", $"Authorization: {value}{sign}GET{sign}{Agreements}/x");
            Assert.Equal((sign, 200, 401), (sign, allowed, forged));
        }

        Assert.Equal(4, run.Upstream.Seen.Count);
        var (spaced, _) = await RawHttp.SendAsync(run.Proxy.Address, $"{Agreements} GET 127.0.0.1 x", $"Authorization: {value}");
        Assert.Equal(400, spaced);
    }

    private static async Task AssertAsync(ProxyRun run, ApiKey key, string path, int expected)
    {
        using var response = await run.SendAsync(key, path);
        Assert.Equal(expected, (int)response.StatusCode);
    }
}
