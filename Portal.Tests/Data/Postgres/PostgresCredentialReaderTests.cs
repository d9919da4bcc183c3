using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Portal.Data;
using Portal.Data.Postgres;
using Portal.Tests.Data.Nodes;
using Portal.Tests.Support;

namespace Portal.Tests.Data.Postgres;

/// <summary>Requests whose key isn't in memory while one server takes over from another.</summary>
[Slow]
public sealed class PostgresCredentialReaderTests : IAsyncLifetime
{
    private readonly PausedClock _clock = new(TestPortal.Start);
    private TestPortal _portal = null!;
    private Contexts _contexts = null!;
    private PostgresCredentialReader _reader = null!;
    private string _handle = "";

    public async ValueTask InitializeAsync()
    {
        _portal = await TestPortal.CreateAsync(onPostgres: true);
        _handle = (await _portal.CreateAsync()).Handle;
        _contexts = new Contexts(_portal.Services.GetRequiredService<IDbContextFactory<PortalDbContext>>());
        _reader = new PostgresCredentialReader(_contexts, _portal.Services.GetRequiredService<DatabaseDamage>(), _clock);
    }

    public async ValueTask DisposeAsync()
    {
        _reader.Dispose();
        await _portal.DisposeAsync();
    }

    [Fact]
    public async Task Find_ServerTakesOver_WaitsForIt()
    {
        _contexts.IsServerAway = true;
        var finding = FindAsync();
        await IsAwaitedAsync();
        _contexts.IsServerAway = false;
        _clock.Advance(PostgresCredentialReader.BetweenAttempts);

        Assert.Equal(_handle, (await finding)?.Handle);
    }

    [Fact]
    public async Task Find_ServerStaysAway_FailsAfterAWhileAndThenAtOnce()
    {
        _contexts.IsServerAway = true;
        var (finding, since) = (FindAsync(), _clock.GetUtcNow());
        while (!finding.IsCompleted)
        {
            if (_clock.IsAwaited())
                _clock.Advance(PostgresCredentialReader.BetweenAttempts);
            await Task.Yield();
        }

        await Assert.ThrowsAsync<NpgsqlException>(() => finding);
        Assert.Equal(PostgresCredentialReader.Patience, _clock.GetUtcNow() - since);
        await Assert.ThrowsAsync<NpgsqlException>(FindAsync);
        Assert.False(_clock.IsAwaited());

        // After an answer, the next failure is a new one.
        _contexts.IsServerAway = false;
        await CloseConnectionAsync();
        Assert.NotNull(await FindAsync());
        _contexts.IsServerAway = true;
        await CloseConnectionAsync();
        finding = FindAsync();
        await IsAwaitedAsync();
        _contexts.IsServerAway = false;
        _clock.Advance(PostgresCredentialReader.BetweenAttempts);
        Assert.NotNull(await finding);
    }

    /// <summary>Ends the connection that the reader keeps, as a server does that stops.</summary>
    private async Task CloseConnectionAsync()
    {
        await using var context = await _portal.OpenAsync();
        await context.Database.ExecuteSqlRawAsync(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()", TestContext.Current.CancellationToken);
    }

    private Task<StoredCredential?> FindAsync() => _reader.FindAsync(_handle, TestContext.Current.CancellationToken).AsTask();

    private async Task IsAwaitedAsync()
    {
        while (!_clock.IsAwaited())
            await Task.Yield();
    }

    /// <summary>Fails as the provider does if none of several servers is a primary.</summary>
    private sealed class Contexts(IDbContextFactory<PortalDbContext> inner) : IDbContextFactory<PortalDbContext>
    {
        public bool IsServerAway { get; set; }

        public PortalDbContext CreateDbContext() => IsServerAway ? throw new NpgsqlException("No suitable host was found.") : inner.CreateDbContext();
    }
}
