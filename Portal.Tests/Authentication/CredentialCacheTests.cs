using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Portal.Authentication;
using Portal.Catalog;
using Portal.Data;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Authentication;

public sealed class CredentialCacheTests(PortalHost portal) : IClassFixture<PortalHost>
{
    [Fact]
    public async Task Load_TokenChangesMeanwhile_ServesThatRequestAndNoOther()
    {
        var key = await portal.CreateTokenAsync();
        var pause = new PauseAfterFinding(Reader);
        using var cache = CacheOver(pause);
        var loading = cache.LoadAsync(ApiKey.NumberOf(key.Handle), TestContext.Current.CancellationToken).AsTask();
        await pause.Reached;
        await portal.DisableAsync(key);
        pause.GoOn();

        Assert.Equal(StoredStatus.Active, (await loading)?.Status);
        Assert.False(cache.TryGet(ApiKey.NumberOf(key.Handle), out _));
        Assert.Equal(StoredStatus.Inactive, (await cache.LoadAsync(ApiKey.NumberOf(key.Handle), TestContext.Current.CancellationToken))?.Status);
        Assert.True(cache.TryGet(ApiKey.NumberOf(key.Handle), out var kept));
        Assert.Equal(StoredStatus.Inactive, kept?.Status);
    }

    [Fact]
    public async Task Load_OtherTokenChanges_StaysKnown()
    {
        var (key, other) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync());
        using var cache = CacheOver(null);
        await cache.LoadAsync(ApiKey.NumberOf(key.Handle), TestContext.Current.CancellationToken);
        await portal.DisableAsync(other);
        Assert.True(cache.TryGet(ApiKey.NumberOf(key.Handle), out var credential));
        Assert.NotNull(credential);
    }

    private CredentialCache CacheOver(ICredentialReader? reader) => new(
        reader ?? Reader, portal.Services.GetRequiredService<ModuleCatalog>(), portal.Services.GetRequiredService<TokenChanges>(),
        portal.Services.GetRequiredService<IOptions<TokenOptions>>(), portal.Services.GetRequiredService<VerificationMetrics>());

    private ICredentialReader Reader => portal.Services.GetRequiredService<ICredentialReader>();

    /// <summary>Pauses the first read after the stored data was found and before the caller gets it.</summary>
    private sealed class PauseAfterFinding(ICredentialReader reader) : ICredentialReader
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Reached => _reached.Task.WaitAsync(TimeSpan.FromSeconds(30));

        public void GoOn() => _goOn.SetResult();

        public async ValueTask<StoredCredential?> FindAsync(string handle, CancellationToken cancellation)
        {
            var found = await reader.FindAsync(handle, cancellation);
            _reached.TrySetResult();
            await _goOn.Task.WaitAsync(TimeSpan.FromSeconds(30), cancellation);
            return found;
        }
    }
}
