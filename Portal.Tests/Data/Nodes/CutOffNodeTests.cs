using System.Diagnostics;
using System.Net;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Portal.Data;
using Portal.Data.Nodes;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Data.Nodes;

/// <summary>A node loses its database without any connection being closed.</summary>
[Slow]
public sealed class CutOffNodeTests
{
    private static readonly NodeOptions Limits = new() { Lease = TimeSpan.FromSeconds(1) };

    [Fact]
    public async Task Change_DatabaseStopsAnswering_IsRefusedWithinALeaseAndIsNotMadeLater()
    {
        var server = await PostgresServer.GetAsync();
        var direct = await server.CreateAsync();
        await using var network = new StallingProxy(Path.Combine(server.Folder, ".s.PGSQL.5432"));
        var connection = new NpgsqlConnectionStringBuilder(direct) { Host = IPAddress.Loopback.ToString(), Port = network.Port }.ToString();
        await using (var node = NodesFixture.CreateNode(connection, ("Portal:Nodes:Lease", Limits.Lease.ToString())))
        {
            await node.InitializeAsync();
            var (manager, key, other) = (await node.CreateTokenAsync(), await node.CreateTokenAsync(), await node.CreateTokenAsync());
            // Its key is in memory now.
            using (var served = await node.SendAsync(manager, "/public/v1/auth/tokens"))
                Assert.Equal(HttpStatusCode.OK, served.StatusCode);

            try
            {
                network.Stall();
                var since = Stopwatch.GetTimestamp();
                using var response = await node.SendAsync(manager, $"/public/v1/auth/tokens/{key.Handle}/deactivate", HttpMethod.Post);
                Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
                Assert.Contains("nothing was changed", (await ErrorBody.ReadAsync(response)).Errors.Single(), StringComparison.Ordinal);
                Assert.NotNull(response.Headers.RetryAfter);
                // A lease, the time until it is noticed, and as much again because other processes use the processors.
                Assert.True(Stopwatch.GetElapsedTime(since) < 2 * (Limits.Lease + TimeSpan.FromSeconds(1)), Stopwatch.GetElapsedTime(since).ToString());
            }
            finally
            {
                // The node can't stop otherwise.
                network.Resume();
            }

            // Writes run one after the other, so the one that was refused has ended when this one succeeds.
            while (await DeactivateAsync(node, manager, other) != HttpStatusCode.OK)
                await Task.Yield();
            await using var context = await node.ContextAsync();
            Assert.Equal(StoredStatus.Active, (await context.Tokens.SingleAsync(token => token.Handle == key.Handle, TestContext.Current.CancellationToken)).Status);
        }

        await server.DropAsync(direct);
    }

    [Theory]
    [InlineData("All", HttpStatusCode.OK, "Degraded")]
    [InlineData("Screens", HttpStatusCode.ServiceUnavailable, "Unhealthy")]
    public async Task Readiness_DatabaseStopsAnsweringDuringTheLease_DependsOnTheRole(string role, HttpStatusCode status, string state)
    {
        var server = await PostgresServer.GetAsync();
        var direct = await server.CreateAsync();
        await using var network = new StallingProxy(Path.Combine(server.Folder, ".s.PGSQL.5432"));
        var connection = new NpgsqlConnectionStringBuilder(direct) { Host = IPAddress.Loopback.ToString(), Port = network.Port }.ToString();
        await using (var node = NodesFixture.CreateNode(connection, ("Portal:Nodes:ServeWithoutDatabase", "00:10:00"), ("Portal:Role", role)))
        {
            await node.InitializeAsync();
            network.Stall();
            try
            {
                using var response = await node.SendAsync((string?)null, "/health/ready");
                Assert.Equal(status, response.StatusCode);
                Assert.StartsWith(state, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
            }
            finally
            {
                network.Resume();
            }
        }

        await server.DropAsync(direct);
    }

    private static async Task<HttpStatusCode> DeactivateAsync(PortalHost node, ApiKey by, ApiKey token)
    {
        using var response = await node.SendAsync(by, $"/public/v1/auth/tokens/{token.Handle}/deactivate", HttpMethod.Post);
        return response.StatusCode;
    }
}
