using System.Net;
using Microsoft.AspNetCore.Http;

namespace Portal.Tests.Gateway;

/// <summary>The configuration changes while Portal runs.</summary>
public sealed class UpstreamChangeTests
{
    [Fact]
    public async Task Change_WhileASlowRequestIsUnderWay_HoldsFromTheNextRequest()
    {
        var (arrived, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var before = await TestUpstream.StartAsync(async context =>
        {
            await context.Response.WriteAsync("from the ");
            await context.Response.Body.FlushAsync();
            arrived.SetResult();
            await goOn.Task;
            await context.Response.WriteAsync("old one");
        });
        await using var after = await TestUpstream.StartAsync(context => context.Response.WriteAsync("from the new one"));
        using var changes = new UpstreamChanges(Plain(before));
        await using var run = await changes.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/public/v1/agreements");
        using var slow = await run.SendAsync(request);
        await arrived.Task;

        await changes.ApplyAsync(Plain(after));
        Assert.Equal("from the new one", await AskAsync(run));
        goOn.SetResult();
        Assert.Equal("from the old one", await slow.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(["MD-0002 200 - 2"], await run.CountsAsync());
    }

    [Fact]
    public async Task Change_BetweenEveryWayToForward_IsPutIntoForce()
    {
        await using var one = await TestUpstream.StartAsync(context => context.Response.WriteAsync("one"));
        await using var two = await TestUpstream.StartAsync(context => context.Response.WriteAsync("two"));
        using var changes = new UpstreamChanges("null");
        await using var run = await changes.StartAsync();
        Assert.Contains("AGR-100-200-001", await AskAsync(run, "/agreements"), StringComparison.Ordinal); // the sandbox

        await changes.ApplyAsync(Plain(one));
        Assert.Equal("one", await AskAsync(run));
        await changes.ApplyAsync(Several("FirstAlphabetical", two, one));
        Assert.Equal("two", await AskAsync(run));
        await changes.ApplyAsync(Several("FirstAlphabetical", one, two));
        Assert.Equal("one", await AskAsync(run));
        await changes.ApplyAsync($$"""{"Destinations":["{{two.Address}}"],"PathPrefix":"Stripped"}""");
        Assert.Equal("two", await AskAsync(run));
        Assert.Equal("/1", two.Seen.Last().Target);
        await changes.ApplyAsync("null");
        Assert.Contains("AGR-100-200-001", await AskAsync(run, "/agreements"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"Destinations":["nowhere"]}""", "Catalog:Modules:0:Upstream:Destinations:0 must be an absolute http or https address")]
    [InlineData("""{"Destinations":[]}""", "Catalog:Modules:0:Upstream:Destinations is empty")]
    [InlineData("""{"Destination":["http://x"]}""", "'Destination'")]
    [InlineData("""{"Destinations":["http://x"],"ActivityTimeout":"soon"}""", "Catalog:Modules:0:Upstream:ActivityTimeout")]
    public async Task Change_Wrong_IsRefusedAndTheOldOneStays(string upstream, string fault)
    {
        await using var server = await TestUpstream.StartAsync(context => context.Response.WriteAsync("as before"));
        using var changes = new UpstreamChanges(Plain(server));
        await using var run = await changes.StartAsync();
        var line = await changes.SaveAsync(UpstreamChanges.Written(upstream), "is invalid, so");
        Assert.StartsWith("Error: The changed configuration is invalid, so the upstreams stay unchanged: ", line, StringComparison.Ordinal);
        Assert.Contains(fault, line, StringComparison.Ordinal);
        Assert.Equal("as before", await AskAsync(run));
    }

    [Fact]
    public async Task Change_NoJson_IsRefused_AndTheMendedOneHolds()
    {
        await using var one = await TestUpstream.StartAsync(context => context.Response.WriteAsync("one"));
        await using var two = await TestUpstream.StartAsync(context => context.Response.WriteAsync("two"));
        using var changes = new UpstreamChanges(Plain(one));
        await using var run = await changes.StartAsync();
        var line = await changes.SaveAsync("""{"Catalog":{"Modules":[{"Upstream":""", "is invalid, so");
        Assert.Contains("changing.json", line, StringComparison.Ordinal);
        Assert.Equal("one", await AskAsync(run));
        await changes.ApplyAsync(Plain(two));
        Assert.Equal("two", await AskAsync(run));
    }

    [Fact]
    public async Task Change_OfTheCatalogue_WaitsForTheRestart()
    {
        await using var one = await TestUpstream.StartAsync(context => context.Response.WriteAsync("one"));
        using var changes = new UpstreamChanges(Plain(one));
        await using var run = await changes.StartAsync();
        var catalogue = """{"Catalog":{"Modules":{"0":{"Upstream":""" + Plain(one) + """},"19":{"Id":"MD-9999","Name":"Other","Paths":["/other"]}}}}""";
        await changes.SaveAsync(catalogue, "when Portal restarts");
        Assert.Equal("one", await AskAsync(run));
        using var other = await run.GetAsync("/other");
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
    }

    private static string Plain(TestUpstream upstream) => $$"""{"Destinations":["{{upstream.Address}}"]}""";

    private static string Several(string policy, TestUpstream one, TestUpstream two) =>
        $$"""{"Destinations":["{{one.Address}}","{{two.Address}}"],"LoadBalancing":"{{policy}}"}""";

    private static async Task<string> AskAsync(GatewayRun run, string path = "/agreements/1")
    {
        using var response = await run.GetAsync(path);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }
}
