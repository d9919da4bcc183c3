using System.Net;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
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

    private static Dictionary<string, string> Environment(string connection) =>
        TestDatabase.SettingsFor(connection).ToDictionary(setting => setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value);

    private static IDataProtector ProtectorOf(PortalHost node) => node.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("test");
}
