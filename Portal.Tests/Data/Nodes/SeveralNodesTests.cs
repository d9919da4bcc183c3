using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Portal.Data.Nodes;
using Portal.IpRules;
using Portal.Nodes;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Bulk;

namespace Portal.Tests.Data.Nodes;

/// <summary>A change that has returned on one node is in force on every other.</summary>
[Slow]
public sealed class SeveralNodesTests(NodesFixture fixture) : IClassFixture<NodesFixture>
{
    private const int Rounds = 10;

    [Fact]
    public async Task DisableAndEnable_OnOneNode_HoldForTheNextRequestOnEveryNode()
    {
        var key = await fixture.A.CreateTokenAsync();
        for (var round = 0; round < Rounds; round++)
        {
            await ExpectAsync(key, HttpStatusCode.OK);
            await fixture.Nodes[round % 3].DisableAsync(key);
            await ExpectAsync(key, HttpStatusCode.Unauthorized);
            await fixture.Nodes[(round + 1) % 3].EnableAsync(key);
        }
    }

    [Fact]
    public async Task Create_OnOneNode_WorksAtOnceOnEveryNode()
    {
        // All nodes know all handles, so they refuse others without the database.
        await ExpectAsync(await fixture.A.CreateTokenAsync(), HttpStatusCode.OK);
        for (var round = 0; round < Rounds; round++)
            await ExpectAsync(await fixture.Nodes[round % 3].CreateTokenAsync(), HttpStatusCode.OK);
    }

    [Fact]
    public async Task RotateAndDelete_OnOneNode_EndTheKeyOnEveryNode()
    {
        var old = await fixture.A.CreateTokenAsync();
        await ExpectAsync(old, HttpStatusCode.OK);
        var key = await fixture.B.RotateAsync(old);
        await ExpectAsync(old, HttpStatusCode.Unauthorized);
        await ExpectAsync(key, HttpStatusCode.OK);
        await fixture.C.DeleteAsync(key);
        await ExpectAsync(key, HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task AddressRule_OnOneNode_HoldsOnEveryNode()
    {
        var key = await fixture.A.CreateTokenAsync();
        await ExpectAsync(key, HttpStatusCode.OK);
        var rules = fixture.B.Services.GetRequiredService<IpRuleService>();
        var rule = Assert.IsType<IpRuleOutcome.Done>(await rules.AddAsync(fixture.B.Administrator, new NewIpRule(null, "192.0.2.7", key.Handle)));
        await ExpectAsync(key, HttpStatusCode.Forbidden);
        await rules.RemoveAsync(fixture.B.Administrator, rule.Id);
        await ExpectAsync(key, HttpStatusCode.OK);
    }

    [Fact]
    public async Task Change_Observed_TellsOnHowManyNodesItIsInForce()
    {
        var key = await fixture.A.CreateTokenAsync();
        var progress = new Reported();
        using (var confirmation = ChangeConfirmation.Observe(progress))
        {
            await fixture.A.DisableAsync(key);
            Assert.Empty(confirmation.Unconfirmed);
        }

        Assert.Equal(new ChangeProgress(3, 3), progress.Values.Last());
        await fixture.A.EnableAsync(key);
        Assert.Equal(new ChangeProgress(3, 3), progress.Values.Last());
    }

    [Fact]
    public async Task Request_OnANodeThatHasLeft_IsJudgedByTheDatabase()
    {
        await using var node = NodesFixture.CreateNode(fixture.Connection);
        await node.InitializeAsync();
        var key = await fixture.A.CreateTokenAsync();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(node, key));
        var follower = node.Services.GetServices<IHostedService>().OfType<ChangeFollower>().Single();
        await follower.StopAsync(TestContext.Current.CancellationToken);
        Assert.False(node.Services.GetRequiredService<NodeLease>().IsTrusted);

        await fixture.A.DisableAsync(key);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(node, key));
        await fixture.A.EnableAsync(key);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(node, key));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(node, await fixture.A.CreateTokenAsync()));
    }

    [Fact]
    public async Task Changes_Postponed_AreInForceWhenTheLastOneReturns()
    {
        ApiKey[] keys = [await fixture.A.CreateTokenAsync(), await fixture.A.CreateTokenAsync(), await fixture.A.CreateTokenAsync()];
        foreach (var key in keys)
            await ExpectAsync(key, HttpStatusCode.OK);
        Assert.True(await BulkLoop.ForEachAsync(keys, fixture.A.DisableAsync, (_, _) => false, TestContext.Current.CancellationToken));
        foreach (var key in keys)
            await ExpectAsync(key, HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task List_OnANode_HasAllNodesAndSaysWhichOneItIs()
    {
        await fixture.A.CreateTokenAsync();
        var list = await fixture.A.Services.GetRequiredService<NodeReader>().ListAsync(fixture.A.Administrator, TestContext.Current.CancellationToken);
        Assert.True(fixture.A.Services.GetRequiredService<NodeReader>().IsTrusted);
        var live = list.Where(node => node.IsLive).ToList();
        Assert.Equal(3, live.Count);
        Assert.All(live, node => Assert.Equal(($"{Environment.MachineName}/{Environment.ProcessId}", "All", 0L, DateTimeKind.Utc), (node.Name, node.Role, node.Behind, node.StartedAt.Kind)));
        Assert.Single(list, node => node.IsThis);
        var shared = await fixture.A.Services.GetRequiredService<NodeReader>().ReadServersAsync(fixture.A.Administrator, TestContext.Current.CancellationToken);
        var server = Assert.Single(shared.Servers);
        Assert.Equal((ServerState.Primary, false, 0L, ""), (server.State, server.ServesKeys, server.Behind, shared.LimitStore));
    }

    private async Task ExpectAsync(ApiKey key, HttpStatusCode expected)
    {
        foreach (var node in fixture.Nodes)
            Assert.Equal(expected, await StatusAsync(node, key));
    }

    private static async Task<HttpStatusCode> StatusAsync(PortalHost node, ApiKey key)
    {
        using var response = await node.SendAsync(key, "/public/v1/agreements");
        return response.StatusCode;
    }

    private sealed class Reported : IProgress<ChangeProgress>
    {
        private readonly ConcurrentQueue<ChangeProgress> _values = new();

        public IReadOnlyCollection<ChangeProgress> Values => _values;

        public void Report(ChangeProgress value) => _values.Enqueue(value);
    }
}
