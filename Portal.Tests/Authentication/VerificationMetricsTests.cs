using Microsoft.Extensions.DependencyInjection;
using Portal.Authentication;
using Portal.Statistics;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Authentication;

public sealed class VerificationMetricsTests : IAsyncLifetime
{
    private const string Path = "/public/v1/agreements";
    private readonly PortalHost _portal = new("Development", new Dictionary<string, string> { ["Tokens:FailedVerifications"] = "3 per day" });
    private MetricRecorder _metrics = null!;

    public async ValueTask InitializeAsync()
    {
        await _portal.InitializeAsync();
        _metrics = new MetricRecorder(_portal.Services);
    }

    public ValueTask DisposeAsync()
    {
        _metrics.Dispose();
        return _portal.DisposeAsync();
    }

    [Fact]
    public async Task Verifications_OfEveryKind_AreCountedByOutcome()
    {
        var (good, old) = (await _portal.CreateTokenAsync(moduleIds: "MD-0002"), await _portal.CreateTokenAsync());
        var (disabled, deleted) = (await _portal.CreateTokenAsync(), await _portal.CreateTokenAsync());
        var expired = await _portal.CreateTokenAsync(_portal.Clock.GetUtcNow().UtcDateTime.AddMinutes(1));
        await _portal.RotateAsync(old);
        await _portal.DisableAsync(disabled);
        await _portal.DeleteAsync(deleted);
        _portal.Clock.Advance(TimeSpan.FromMinutes(2));
        await SendAsync(Path, good, good, disabled, deleted, expired, old);
        await SendAsync("/public/v1/billing", good);
        await SendAsync("/public/v1/nowhere", good);
        foreach (var header in new[] { null, "garbage", "garbage" })
            (await _portal.SendAsync(header, Path)).Dispose();
        // Refused with 429 like every key after too many failures, but still known as a retired one.
        await SendAsync(Path, old);
        await _portal.Services.GetRequiredService<CountWriter>().FlushAsync(TestContext.Current.CancellationToken);
        Assert.Equal(
            [
                "portal.verifications accepted 2", "portal.verifications deleted 1", "portal.verifications disabled 1", "portal.verifications expired 1",
                "portal.verifications module_not_enabled 1", "portal.verifications not_found 1", "portal.verifications retired_key 2",
                "portal.verifications too_many_failures 1", "portal.verifications unauthorized 2",
            ],
            _metrics.Read("portal.verifications"));
    }

    [Fact]
    public async Task Cache_HitsMissesAndStrangers_AreCounted()
    {
        var key = await _portal.CreateTokenAsync();
        await _portal.Services.GetRequiredService<KnownSecrets>().ReadAsync(TestContext.Current.CancellationToken);
        await SendAsync(Path, key, key, key, ApiKey.Create(ApiKey.CreateHandle()));
        Assert.Equal(
            [
                "portal.credential_cache.entries 1", "portal.credential_cache.lookups hit 2", "portal.credential_cache.lookups miss 1",
                "portal.credential_cache.lookups unknown 1",
            ],
            _metrics.Read("portal.credential_cache"));
    }

    private async Task SendAsync(string path, params ApiKey[] keys)
    {
        foreach (var key in keys)
            (await _portal.SendAsync(key, path)).Dispose();
    }
}
