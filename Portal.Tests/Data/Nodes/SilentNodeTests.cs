using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Portal.Components.Shared;
using Portal.Data.Nodes;
using Portal.Tests.Api;
using Portal.Tests.Support;

namespace Portal.Tests.Data.Nodes;

/// <summary>A node doesn't answer, and may serve without the database.</summary>
[Slow]
public sealed class SilentNodeTests : IAsyncLifetime
{
    private static readonly NodeOptions Limits = new() { Lease = TimeSpan.FromSeconds(1), ServeWithoutDatabase = TimeSpan.FromMinutes(10) };

    private string _connection = "";
    private PortalHost _node = null!;

    public async ValueTask InitializeAsync()
    {
        _connection = await (await PostgresServer.GetAsync()).CreateAsync();
        _node = NodesFixture.CreateNode(
            _connection, ("Portal:Nodes:Lease", Limits.Lease.ToString()), ("Portal:Nodes:ServeWithoutDatabase", Limits.ServeWithoutDatabase.ToString()));
        await _node.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await (await PostgresServer.GetAsync()).DropAsync(_connection);
    }

    [Fact]
    public async Task Change_NodeMayServeWithoutDatabase_ReturnsAfterALeaseAndNamesIt()
    {
        var (manager, key) = (await _node.CreateTokenAsync(), await _node.CreateTokenAsync());
        // It joins and is never heard of again.
        await _node.Services.GetRequiredService<INodeStore>().JoinAsync(new NodeIdentity("silent", "All", "1.0.0"), Guid.CreateVersion7(), TestContext.Current.CancellationToken);
        var before = DateTime.SpecifyKind(TimeProvider.System.GetUtcNow().UtcDateTime, DateTimeKind.Utc);

        var since = Stopwatch.GetTimestamp();
        using var response = await _node.SendAsync(manager, $"/public/v1/auth/tokens/{key.Handle}/deactivate", HttpMethod.Post);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(Stopwatch.GetElapsedTime(since) >= Limits.LongestWait);
        var header = Assert.Single(response.Headers.GetValues("X-Portal-Unconfirmed"));
        Assert.StartsWith("silent; until=", header, StringComparison.Ordinal);
        var until = DateTime.Parse(header["silent; until=".Length..], null, System.Globalization.DateTimeStyles.RoundtripKind);
        Assert.InRange(until, before + Limits.Silence, before + Limits.ServeWithoutDatabase + TimeSpan.FromMinutes(1));

        // A repeated request can't say less.
        using var first = await _node.CallAsync(manager, "POST", $"/public/v1/auth/tokens/{manager.Handle}/rotate", """{"overlap":"PT1H"}""", idempotencyKey: "once");
        using var again = await _node.CallAsync(manager, "POST", $"/public/v1/auth/tokens/{manager.Handle}/rotate", """{"overlap":"PT1H"}""", idempotencyKey: "once");
        Assert.Equal("true", Assert.Single(again.Headers.GetValues("Idempotency-Replayed")));
        Assert.StartsWith("silent; until=", Assert.Single(again.Headers.GetValues("X-Portal-Unconfirmed")), StringComparison.Ordinal);

        // The next change knows that it is silent.
        using var confirmation = ChangeConfirmation.Observe();
        await _node.EnableAsync(key);
        Assert.Contains("silent", ConfirmationTexts.Warn(confirmation.Unconfirmed), StringComparison.Ordinal);
    }
}
