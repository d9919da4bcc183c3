using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
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
        var loading = cache.LoadAsync(key.Handle, TestContext.Current.CancellationToken).AsTask();
        await pause.Reached;
        await portal.DisableAsync(key);
        pause.GoOn();

        Assert.Equal(StoredStatus.Active, (await loading)?.Status);
        Assert.False(cache.TryGet(key.Handle, out _));
        Assert.Equal(StoredStatus.Inactive, (await cache.LoadAsync(key.Handle, TestContext.Current.CancellationToken))?.Status);
        Assert.True(cache.TryGet(key.Handle, out var kept));
        Assert.Equal(StoredStatus.Inactive, kept?.Status);
    }

    [Fact]
    public async Task TryGet_HandleThatNoTokenHas_IsAnsweredWithoutTheDatabase()
    {
        var handle = ApiKey.CreateHandle();
        using var handles = HandlesOver(null);
        using var cache = CacheOver(null, handles);
        Assert.False(cache.TryGet(handle, out _));
        await handles.LoadAsync(TestContext.Current.CancellationToken);
        Assert.True(cache.TryGet(handle, out var credential));
        Assert.Null(credential);
    }

    [Fact]
    public async Task TryGet_TokenCreatedAfterTheHandlesWereRead_IsLookedFor()
    {
        using var handles = HandlesOver(null);
        using var cache = CacheOver(null, handles);
        await handles.LoadAsync(TestContext.Current.CancellationToken);
        var key = await portal.CreateTokenAsync();
        Assert.False(cache.TryGet(key.Handle, out _));
        Assert.NotNull(await cache.LoadAsync(key.Handle, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task TryGet_TokenCreatedWhileTheHandlesAreRead_IsLookedFor()
    {
        var pause = new PauseAfterReading();
        using var handles = HandlesOver(pause);
        using var cache = CacheOver(null, handles);
        var loading = handles.LoadAsync(TestContext.Current.CancellationToken);
        await pause.Reached;
        var key = await portal.CreateTokenAsync();
        pause.GoOn();
        await loading;
        Assert.False(cache.TryGet(key.Handle, out _));
        Assert.False(handles.MayExist(ApiKey.NumberOf(ApiKey.CreateHandle())));
    }

    [Fact]
    public async Task Load_OtherTokenChanges_StaysKnown()
    {
        var (key, other) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync());
        using var cache = CacheOver(null);
        await cache.LoadAsync(key.Handle, TestContext.Current.CancellationToken);
        await portal.DisableAsync(other);
        Assert.True(cache.TryGet(key.Handle, out var credential));
        Assert.NotNull(credential);
    }

    private CredentialCache CacheOver(ICredentialReader? reader, KnownHandles? handles = null) => new(
        reader ?? Reader, portal.Services.GetRequiredService<ModuleCatalog>(), portal.Services.GetRequiredService<TokenChanges>(),
        handles ?? portal.Services.GetRequiredService<KnownHandles>(), portal.Services.GetRequiredService<IOptions<TokenOptions>>(),
        portal.Services.GetRequiredService<VerificationMetrics>());

    private KnownHandles HandlesOver(DbCommandInterceptor? interceptor) => new(
        new Contexts(portal.Folder, interceptor), portal.Services.GetRequiredService<TokenChanges>(), portal.Clock, NullLogger<KnownHandles>.Instance);

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

    private sealed class Contexts(string folder, DbCommandInterceptor? interceptor) : IDbContextFactory<PortalDbContext>
    {
        public PortalDbContext CreateDbContext() => interceptor is null ? StoredData.Open(folder) : StoredData.Open(folder, interceptor);
    }

    /// <summary>Pauses the first query after the database has determined its result and before the caller gets it.</summary>
    private sealed class PauseAfterReading : DbCommandInterceptor
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Reached => _reached.Task.WaitAsync(TimeSpan.FromSeconds(30));

        public void GoOn() => _goOn.SetResult();

        public override async ValueTask<DbDataReader> ReaderExecutedAsync(
            DbCommand command, CommandExecutedEventData eventData, DbDataReader result, CancellationToken cancellationToken = default)
        {
            _reached.TrySetResult();
            await _goOn.Task.WaitAsync(TimeSpan.FromSeconds(30), cancellationToken);
            return result;
        }
    }
}
