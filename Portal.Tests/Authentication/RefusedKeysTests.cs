using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Portal.Authentication;
using Portal.Statistics;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Authentication;

/// <summary>Requests with keys that are refused at once, and how those with a retired key are still counted.</summary>
public sealed class RefusedKeysTests(PortalHost portal) : IClassFixture<PortalHost>
{
    private const string Path = "/public/v1/agreements";

    private string Today => portal.Clock.GetUtcNow().ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    [Fact]
    public async Task RetiredKey_AfterARestart_IsCountedToo()
    {
        using var directory = new TemporaryDirectory();
        ApiKey key;
        await using (var before = new PortalHost("Development", folder: directory.Path))
        {
            await before.InitializeAsync();
            key = await before.CreateTokenAsync();
            await before.RotateAsync(key);
        }

        await using (var after = new PortalHost("Development", folder: directory.Path))
        {
            await after.InitializeAsync();
            // Once while the secrets may not have been read, and once after that.
            await SendAsync(after, key, HttpStatusCode.Unauthorized);
            await ReadAsync(after);
            await SendAsync(after, key, HttpStatusCode.Unauthorized);
            Assert.Equal([$"{Today} MD-0002 401 RETIRED 2"], await after.CountsAsync(key.Handle));
            await SendAsync(after, key, HttpStatusCode.Unauthorized);
        }

        // A graceful stop counts the last one.
        await using var last = new PortalHost("Development", folder: directory.Path);
        await last.InitializeAsync();
        Assert.Equal([$"{Today} MD-0002 401 RETIRED 3"], await last.CountsAsync(key.Handle));
    }

    [Fact]
    public async Task KeyThatWasJustCreatedOrRotated_IsAcceptedAtOnceAndTheOldOneRefused()
    {
        await ReadAsync(portal);
        for (var i = 0; i < 20; i++)
        {
            var key = await portal.CreateTokenAsync();
            await SendAsync(portal, key, HttpStatusCode.OK);
            var rotated = await portal.RotateAsync(key);
            await SendAsync(portal, rotated, HttpStatusCode.OK);
            await SendAsync(portal, key, HttpStatusCode.Unauthorized);
            Assert.Equal([$"{Today} MD-0002 200 - 2", $"{Today} MD-0002 401 RETIRED 1"], await portal.CountsAsync(key.Handle));
        }
    }

    [Fact]
    public async Task OverlapIsOver_KeyIsRefusedAndCountedAsRetired()
    {
        var now = portal.Clock.GetUtcNow().UtcDateTime;
        var previous = await portal.CreateTokenAsync(now.AddMinutes(5));
        await portal.RenewAsync(previous, now.AddDays(9));
        await SendAsync(portal, previous, HttpStatusCode.OK);
        portal.Clock.Advance(TimeSpan.FromMinutes(6));
        await SendAsync(portal, previous, HttpStatusCode.Unauthorized);
        await ReadAsync(portal);
        await SendAsync(portal, previous, HttpStatusCode.Unauthorized);
        Assert.Equal([$"{Today} MD-0002 200 - 1", $"{Today} MD-0002 401 RETIRED 2"], await portal.CountsAsync(previous.Handle));
    }

    [Fact]
    public async Task WrongSecret_OfATokenInTheDatabase_ReadsNothingFromIt()
    {
        var key = await portal.CreateTokenAsync();
        await ReadAsync(portal);
        using var metrics = new MetricRecorder(portal.Services);
        await SendAsync(portal, ApiKey.Create(key.Handle), HttpStatusCode.Unauthorized);
        await SendAsync(portal, ApiKey.Create(ApiKey.CreateHandle()), HttpStatusCode.Unauthorized);
        Assert.Contains("portal.credential_cache.lookups unknown 2", metrics.Read("portal.credential_cache"));
    }

    [Fact]
    public async Task Flood_OfWrongKeys_KeepsALimitedNumber()
    {
        var keys = portal.Services.GetRequiredService<RefusedKeys>();
        var secrets = portal.Services.GetRequiredService<KnownSecrets>();
        var key = await portal.CreateTokenAsync();
        await portal.RotateAsync(key);
        await ReadAsync(portal);
        var sent = SentKey.Read(key.ToHeaderValue());
        Assert.True(secrets.MayBeRetired(new RefusedKey(sent.Handle, sent.Id)));
        var path = new string('x', RefusedKeys.MostCharacters);
        for (var i = 0; i < 3; i++)
            keys.Add(new RefusedRequest(
                new RefusedKey(sent.Handle, sent.Id), portal.Clock.GetUtcNow().UtcDateTime, null, 401, null, "client", new ServedRequest("GET", path, null)));
        await portal.CountsAsync(key.Handle);
        var recent = await portal.Services.GetRequiredService<StatisticsReader>().ReadRecentAsync(portal.Administrator, key.Handle, TestContext.Current.CancellationToken);
        Assert.Equal([$"{Today} - 401 RETIRED 3"], await portal.CountsAsync(key.Handle));
        Assert.Single(recent);
    }

    /// <summary>Reads the secrets that have changed, so that wrong ones are known.</summary>
    private static Task ReadAsync(PortalHost portal) => portal.Services.GetRequiredService<KnownSecrets>().ReadAsync(TestContext.Current.CancellationToken);

    private static async Task SendAsync(PortalHost portal, ApiKey key, HttpStatusCode expected)
    {
        using var response = await portal.SendAsync(key, Path);
        Assert.Equal(expected, response.StatusCode);
    }
}
