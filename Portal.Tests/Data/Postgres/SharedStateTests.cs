using System.Net;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using Portal.Accounts;
using Portal.Data;
using Portal.Data.KeyRing;
using Portal.Gateway.Assertions;
using Portal.Tests.Support;

namespace Portal.Tests.Data.Postgres;

/// <summary>What two nodes of one installation share.</summary>
[Slow]
public sealed class SharedStateTests : IAsyncLifetime
{
    private string _connection = "";
    private PortalHost _first = null!, _second = null!;

    public async ValueTask InitializeAsync()
    {
        _connection = await (await PostgresServer.GetAsync()).CreateAsync();
        (_first, _second) = (new("Development", TestDatabase.SettingsFor(_connection)), new("Development", TestDatabase.SettingsFor(_connection)));
        await _first.InitializeAsync();
        await _second.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _first.DisposeAsync();
        await _second.DisposeAsync();
        await (await PostgresServer.GetAsync()).DropAsync(_connection);
    }

    [Fact]
    public void KeyRing_ValueOfOneNode_IsReadableOnTheOther()
    {
        var value = ProtectorOf(_first).Protect([1, 2]);
        _second.Services.GetRequiredService<KeyRingWatch>().Check();

        Assert.Equal([1, 2], ProtectorOf(_second).Unprotect(value));
        Assert.False(Directory.Exists(Path.Combine(_first.Folder, "keys")));
    }

    [Fact]
    public void AssertionKeys_OfBothNodes_AreTheSameAndRenewedOnce()
    {
        var (first, second) = (_first.Services.GetRequiredService<AssertionKeys>(), _second.Services.GetRequiredService<AssertionKeys>());
        Assert.Equal(first.Current.Id, second.Current.Id);

        // A clock that jumps by more than a day isn't trusted.
        for (var day = 0; day < 31; day++)
        {
            _first.Clock.Skew += TimeSpan.FromHours(23);
            _second.Clock.Skew += TimeSpan.FromHours(23);
            Assert.Equal(first.Published.Select(key => key.Id), second.Published.Select(key => key.Id));
        }

        Assert.Equal(2, first.Published.Count);
    }

    [Fact]
    public void UsedValues_UsedOnOneNode_AreUsedOnTheOther()
    {
        var (first, second) = (_first.Services.GetRequiredService<IUsedValues>(), _second.Services.GetRequiredService<IUsedValues>());
        var until = _first.Clock.GetUtcNow().UtcDateTime.AddMinutes(5);

        Assert.True(first.TryUse("test", "value", until));
        Assert.False(second.TryUse("test", "value", until));
        Assert.True(second.TryUse("other", "value", until));
    }

    [Fact]
    public async Task FailedSignIns_OfBothNodes_CountTogether()
    {
        var (first, second) = (_first.Services.GetRequiredService<SignInLimiter>(), _second.Services.GetRequiredService<SignInLimiter>());
        var (address, account) = (IPAddress.Parse("192.0.2.1"), SignInLimiter.KeyOf("SOMEONE@EXAMPLE.COM"));
        for (var i = 0; i < 4; i++)
            Assert.False((await (i % 2 == 0 ? first : second).TryTakeAsync(address, account, device: null)).IsLimitReached);
        var right = await first.TryTakeAsync(address, account, device: null);
        Assert.True(right.IsLimitReached);

        // Of the five minutes, each failure takes one.
        Assert.InRange((await second.TryTakeAsync(address, account, device: null)).RetryAfter!.Value, TimeSpan.FromSeconds(59), TimeSpan.FromSeconds(60));
        await right.GiveBackAsync();
        Assert.Null((await second.TryTakeAsync(address, account, device: null)).RetryAfter);
        Assert.NotNull((await first.TryTakeAsync(address, account, device: null)).RetryAfter);
        Assert.Null((await first.TryTakeAsync(address, SignInLimiter.KeyOf("OTHER@EXAMPLE.COM"), device: null)).RetryAfter);
        _first.Clock.Skew += TimeSpan.FromSeconds(61);
        Assert.Null((await first.TryTakeAsync(address, account, device: null)).RetryAfter);
        // Its clock is behind, which drains nothing and adds nothing.
        Assert.NotNull((await second.TryTakeAsync(address, account, device: null)).RetryAfter);
    }

    [Fact]
    public async Task FailedSignIns_Drained_AreForgotten()
    {
        var failures = _first.Services.GetRequiredService<ISharedFailures>();
        await failures.TryTakeAsync(1, 5, TimeSpan.FromMinutes(5), TestContext.Current.CancellationToken);
        _first.Clock.Skew += TimeSpan.FromMinutes(6);
        await failures.TryTakeAsync(2, 5, TimeSpan.FromMinutes(5), TestContext.Current.CancellationToken);

        Assert.Equal(1L, await ReadAsync("""SELECT count(*) FROM "FailureCounts" """));
    }

    [Fact]
    public async Task PageState_OfOneNode_IsReadableOnTheOtherAndEncrypted()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var (first, second) = (CacheOf(_first), CacheOf(_second));
        HybridCacheEntryOptions reading = new() { Flags = HybridCacheEntryFlags.DisableUnderlyingData };
        await first.SetAsync("id-of-a-page", "state of a page", new HybridCacheEntryOptions { Expiration = TimeSpan.FromHours(1) }, cancellationToken: cancellation);

        Assert.Equal("state of a page", await second.GetOrCreateAsync<string>("id-of-a-page", _ => default, reading, cancellationToken: cancellation));
        Assert.Equal(0L, await ReadAsync("""SELECT count(*) FROM "PageStates" WHERE position('page'::bytea IN "Content") > 0 OR position('page'::bytea IN "Key") > 0"""));

        await second.RemoveAsync("id-of-a-page", cancellation);
        Assert.Equal(0L, await ReadAsync("""SELECT count(*) FROM "PageStates" """));
        await first.SetAsync("another", "state", new HybridCacheEntryOptions { Expiration = TimeSpan.FromMinutes(1) }, cancellationToken: cancellation);
        _first.Clock.Skew += TimeSpan.FromMinutes(2);
        await first.SetAsync("a third", "state", new HybridCacheEntryOptions { Expiration = TimeSpan.FromMinutes(1) }, cancellationToken: cancellation);
        Assert.Equal(1L, await ReadAsync("""SELECT count(*) FROM "PageStates" """));
    }

    [Fact]
    public async Task SetupCode_OfAllNodes_IsTheSameAndEndsWithTheSetup()
    {
        var server = await PostgresServer.GetAsync();
        var connection = await server.CreateAsync();
        await using (var one = await PortalProcess.StartAsync(environment: Environment(connection)))
        await using (var other = await PortalProcess.StartAsync(environment: Environment(connection)))
        {
            Assert.NotEmpty(one.SetupCode);
            Assert.Equal(one.SetupCode, other.SetupCode);
            using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
            Assert.Equal("/setup", (await client.GetAsync(new Uri(one.Address + "/login"), TestContext.Current.CancellationToken)).Headers.Location?.ToString());

            // Another node creates the first user.
            await using var third = new PortalHost("Development", TestDatabase.SettingsFor(connection));
            await third.InitializeAsync();

            foreach (var node in new[] { one, other })
                Assert.Equal(HttpStatusCode.OK, await AnsweredAsync(client, node.Address + "/login", HttpStatusCode.OK));
        }

        await server.DropAsync(connection);
    }

    /// <summary>Asks until the status is the expected one: a node looks for users once a second.</summary>
    private static async Task<HttpStatusCode> AnsweredAsync(HttpClient client, string address, HttpStatusCode expected)
    {
        for (var since = System.Diagnostics.Stopwatch.GetTimestamp(); ;)
        {
            using var response = await client.GetAsync(new Uri(address), TestContext.Current.CancellationToken);
            if (response.StatusCode == expected || System.Diagnostics.Stopwatch.GetElapsedTime(since) > TimeSpan.FromSeconds(10))
                return response.StatusCode;
        }
    }

    private static HybridCache CacheOf(PortalHost node) => node.Services.GetRequiredService<IOptions<CircuitOptions>>().Value.HybridPersistenceCache!;

    private async Task<object?> ReadAsync(string query)
    {
        await using var source = NpgsqlDataSource.Create(_connection);
        await using var command = source.CreateCommand(query);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }

    private static Dictionary<string, string> Environment(string connection) =>
        TestDatabase.SettingsFor(connection).ToDictionary(setting => setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value);

    private static IDataProtector ProtectorOf(PortalHost node) => node.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("test");
}
