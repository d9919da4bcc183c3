using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.Authentication;
using Portal.Data;
using Portal.Data.Nodes;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Authentication;

/// <summary>Which keys may be usable, in a set of the test's own: only the test updates it.</summary>
public sealed class KnownSecretsTests(PortalHost portal) : IClassFixture<PortalHost>
{
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task MayBeUsable_BeforeTheSecretsAreRead_IsTrueForAll()
    {
        using var secrets = Create();
        var stranger = ApiKey.Create(ApiKey.CreateHandle());
        Assert.True(IsUsable(secrets, stranger));
        await secrets.ReadAsync(_cancellation);
        Assert.False(IsUsable(secrets, stranger));
    }

    [Fact]
    public async Task Load_AnyState_KnowsTheNewestAndTheLiveSecrets()
    {
        var tomorrow = portal.Clock.GetUtcNow().UtcDateTime.AddDays(1);
        var (disabled, deleted, rotated) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync(), await portal.CreateTokenAsync());
        var (expired, overlapping) = (await portal.CreateTokenAsync(portal.Clock.GetUtcNow().UtcDateTime.AddMinutes(1)), await portal.CreateTokenAsync(tomorrow));
        await portal.DisableAsync(disabled);
        await portal.DeleteAsync(deleted);
        var rotation = await portal.RotateAsync(rotated);
        var renewal = await portal.RenewAsync(overlapping, tomorrow.AddDays(1));
        portal.Clock.Advance(TimeSpan.FromMinutes(2));
        using var secrets = Create();
        await secrets.ReadAsync(_cancellation);

        Assert.All([disabled, deleted, rotation, expired, overlapping, renewal], key => Assert.True(IsUsable(secrets, key)));
        Assert.False(IsUsable(secrets, rotated));
        Assert.False(IsUsable(secrets, ApiKey.Create(disabled.Handle)));
    }

    [Fact]
    public async Task Changed_NewSecret_IsUsableAtOnceAndAfterTheRead()
    {
        using var secrets = await LoadedAsync();
        var created = await portal.CreateTokenAsync();
        Assert.True(IsUsable(secrets, created));
        await secrets.ReadAsync(_cancellation);
        Assert.True(IsUsable(secrets, created));
        Assert.False(IsUsable(secrets, ApiKey.Create(created.Handle)));

        var rotated = await portal.RotateAsync(created);
        Assert.True(IsUsable(secrets, rotated));
        await secrets.ReadAsync(_cancellation);
        Assert.True(IsUsable(secrets, rotated));
        Assert.False(IsUsable(secrets, created));
        Assert.True(IsRetired(secrets, created));
        Assert.False(IsRetired(secrets, rotated));
    }

    [Fact]
    public async Task Changed_WhileTheTokenIsRead_IsReadAgain()
    {
        var key = await portal.CreateTokenAsync();
        var reader = new PausingReader(portal.Services.GetRequiredService<ICredentialReader>());
        using var secrets = Create(reader: reader);
        await secrets.ReadAsync(_cancellation);
        await portal.DisableAsync(key);
        var updating = secrets.ReadAsync(_cancellation);
        await reader.Reached;
        var rotated = await portal.RotateAsync(key);
        reader.GoOn();
        await updating;

        Assert.True(IsUsable(secrets, rotated));
        await secrets.ReadAsync(_cancellation);
        Assert.True(IsUsable(secrets, rotated));
        Assert.False(IsUsable(secrets, key));
    }

    [Fact]
    public async Task Changed_WhileAllSecretsAreRead_IsUsable()
    {
        var pause = new PauseAfterReading();
        using var secrets = Create(pause);
        var loading = secrets.ReadAsync(_cancellation);
        await pause.Reached;
        var key = await portal.CreateTokenAsync();
        pause.GoOn();
        await loading;
        Assert.True(IsUsable(secrets, key));
        await secrets.ReadAsync(_cancellation);
        Assert.True(IsUsable(secrets, key));
    }

    [Fact]
    public async Task Dropped_ChangesMayBeMissing_ReadsAllAgain()
    {
        using var secrets = await LoadedAsync();
        var stranger = ApiKey.Create(ApiKey.CreateHandle());
        ((IChangeListener)portal.Services.GetRequiredService<TokenChanges>()).DropAll();
        Assert.True(IsUsable(secrets, stranger));
        await secrets.ReadAsync(_cancellation);
        Assert.False(IsUsable(secrets, stranger));
    }

    [Fact]
    public async Task Renew_OverlapIsOver_LeavesTheSet()
    {
        var now = portal.Clock.GetUtcNow().UtcDateTime;
        var previous = await portal.CreateTokenAsync(now.AddMinutes(5));
        var newest = await portal.RenewAsync(previous, now.AddDays(9));
        using var secrets = await LoadedAsync();
        portal.Clock.Advance(TimeSpan.FromMinutes(6));
        Assert.True(IsUsable(secrets, previous));
        secrets.Renew(ApiKey.NumberOf(previous.Handle));
        await secrets.ReadAsync(_cancellation);
        Assert.False(IsUsable(secrets, previous));
        Assert.True(IsUsable(secrets, newest));
    }

    private static bool IsUsable(KnownSecrets secrets, ApiKey key) => secrets.MayBeUsable(SentKey.Read(key.ToHeaderValue()));

    private static bool IsRetired(KnownSecrets secrets, ApiKey key) =>
        SentKey.Read(key.ToHeaderValue()) is var sent && secrets.MayBeRetired(new RefusedKey(sent.Handle, sent.Id));

    private async Task<KnownSecrets> LoadedAsync()
    {
        var secrets = Create();
        await secrets.ReadAsync(_cancellation);
        return secrets;
    }

    private KnownSecrets Create(DbCommandInterceptor? interceptor = null, ICredentialReader? reader = null) => new(
        interceptor is null ? portal.Services.GetRequiredService<IDbContextFactory<PortalDbContext>>() : new Contexts(portal.Services, interceptor), reader ?? portal.Services.GetRequiredService<ICredentialReader>(),
        portal.Services.GetRequiredService<TokenChanges>(), portal.Clock, NullLogger<KnownSecrets>.Instance);

    private sealed class Contexts(IServiceProvider services, DbCommandInterceptor interceptor) : IDbContextFactory<PortalDbContext>
    {
        public PortalDbContext CreateDbContext() =>
            new(new DbContextOptionsBuilder<PortalDbContext>(services.GetRequiredService<DbContextOptions<PortalDbContext>>()).AddInterceptors(interceptor).Options);
    }

    /// <summary>Lets a test do something while a read has its result but hasn't returned it.</summary>
    private sealed class Pause
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Reached => _reached.Task.WaitAsync(TimeSpan.FromSeconds(30));

        public void GoOn() => _goOn.SetResult();

        public Task WaitAsync(CancellationToken cancellation)
        {
            _reached.TrySetResult();
            return _goOn.Task.WaitAsync(TimeSpan.FromSeconds(30), cancellation);
        }
    }

    private sealed class PausingReader(ICredentialReader reader) : ICredentialReader
    {
        private readonly Pause _pause = new();

        public Task Reached => _pause.Reached;

        public void GoOn() => _pause.GoOn();

        public async ValueTask<StoredCredential?> FindAsync(string handle, CancellationToken cancellation)
        {
            var found = await reader.FindAsync(handle, cancellation);
            await _pause.WaitAsync(cancellation);
            return found;
        }
    }

    private sealed class PauseAfterReading : DbCommandInterceptor
    {
        private readonly Pause _pause = new();

        public Task Reached => _pause.Reached;

        public void GoOn() => _pause.GoOn();

        public override async ValueTask<DbDataReader> ReaderExecutedAsync(
            DbCommand command, CommandExecutedEventData eventData, DbDataReader result, CancellationToken cancellationToken = default)
        {
            await _pause.WaitAsync(cancellationToken);
            return result;
        }
    }
}
