using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Portal.Tests.Support;

namespace Portal.Tests.Gateway;

/// <summary>Every kind of upstream failure: the client's response, and what is counted.</summary>
public sealed class UpstreamFailureTests
{
    private static readonly (string, string) Impatient = (GatewayRun.Agreements + "ActivityTimeout", "00:00:00.300");

    [Fact]
    public async Task Refused_IsUnreachable_AndAgainThereWhenStarted()
    {
        var upstream = await TestUpstream.StartAsync();
        var address = upstream.Address;
        await using var run = await GatewayRun.StartAsync(address);
        (await run.GetAsync("/agreements")).EnsureSuccessStatusCode().Dispose();
        await upstream.DisposeAsync();
        await AssertRefusedAsync(run, HttpStatusCode.BadGateway, "GTW_002", "cannot be reached");
        await using var again = await TestUpstream.StartAsync(address: address);
        (await run.GetAsync("/agreements")).EnsureSuccessStatusCode().Dispose();
        Assert.Equal(["MD-0002 200 - 2", "MD-0002 502 GTW_002 1"], await run.CountsAsync());
        Assert.Contains("The upstream of Agreements (MD-0002) failed, Request: ", run.Portal.Log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "closed the connection")]
    [InlineData("SSH-2.0-OpenSSH_9.7\r\n", "sent an invalid response")]
    [InlineData("HTTP/1.1 abc OK\r\n\r\n", "sent an invalid response")]
    [InlineData("HTTP/1.1 200 OK\r\nNo colon here\r\n\r\n", "sent an invalid response")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Le", "closed the connection")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", "closed the connection")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno number\r\n", "closed the connection")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", "sent an invalid response")]
    public async Task Garbage_IsNotPassedOn(string words, string told)
    {
        await using var upstream = RawUpstream.Says(words);
        await using var run = await GatewayRun.StartAsync(upstream.Address);
        await AssertRefusedAsync(run, HttpStatusCode.BadGateway, "GTW_002", told);
        Assert.Equal(["MD-0002 502 GTW_002 1"], await run.CountsAsync());
    }

    [Fact]
    public async Task Reset_BeforeTheAnswer_IsBrokenOff()
    {
        await using var upstream = RawUpstream.Resets();
        await using var run = await GatewayRun.StartAsync(upstream.Address);
        await AssertRefusedAsync(run, HttpStatusCode.BadGateway, "GTW_002", "closed the connection");
    }

    [Fact]
    public async Task Connection_ThatIsNotMadeInTime_IsTooSlow()
    {
        // Nothing accepts connections, and the backlog is full, so another connection hangs.
        using var upstream = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        upstream.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        upstream.Listen(0);
        var waiting = Enumerable.Range(0, 8).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)).ToList();
        var connecting = waiting.Select(socket => socket.ConnectAsync(upstream.LocalEndPoint!)).ToList();
        await Task.WhenAny(connecting);

        await using var run = await GatewayRun.StartAsync(
            $"http://{upstream.LocalEndPoint}", (GatewayRun.Agreements + "ConnectTimeout", "00:00:00.200"));
        await AssertRefusedAsync(run, HttpStatusCode.GatewayTimeout, "GTW_003", "in time");
        Assert.Equal(["MD-0002 504 GTW_003 1"], await run.CountsAsync());

        waiting.ForEach(socket => socket.Dispose());
        foreach (var task in connecting)
            await Record.ExceptionAsync(() => task);
    }

    [Fact]
    public async Task Certificate_ThatIsNone_IsUnreachable()
    {
        await using var upstream = await TestUpstream.StartAsync();
        await using var run = await GatewayRun.StartAsync(upstream.Address.Replace("http:", "https:", StringComparison.Ordinal));
        await AssertRefusedAsync(run, HttpStatusCode.BadGateway, "GTW_002", "cannot be reached");
    }

    [Fact]
    public async Task Silence_IsTooSlow()
    {
        await using var upstream = RawUpstream.SaysAndWaits("");
        await using var run = await GatewayRun.StartAsync(upstream.Address, Impatient);
        await AssertRefusedAsync(run, HttpStatusCode.GatewayTimeout, "GTW_003", "did not respond in time");
        Assert.Equal(["MD-0002 504 GTW_003 1"], await run.CountsAsync());
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")]
    public async Task Answer_BrokenOffWithinItsBody_IsBrokenOffForTheClientToo(string words)
    {
        await using var upstream = RawUpstream.Says(words);
        await using var run = await GatewayRun.StartAsync(upstream.Address);
        await AssertNeverWholeAsync(run);
        Assert.Equal(["MD-0002 502 GTW_002 1"], await run.CountsAsync());
    }

    [Fact]
    public async Task Answer_StallingWithinItsBody_IsBrokenOffAndTooSlow()
    {
        await using var upstream = RawUpstream.SaysAndWaits("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        await using var run = await GatewayRun.StartAsync(upstream.Address, Impatient);
        await AssertNeverWholeAsync(run);
        Assert.Equal(["MD-0002 504 GTW_003 1"], await run.CountsAsync());
    }

    [Fact]
    public async Task Client_LeavesBeforeTheAnswer_IsNoFailureOfTheUpstream()
    {
        var arrived = new TaskCompletionSource();
        await using var upstream = await TestUpstream.StartAsync(async context =>
        {
            arrived.SetResult();
            await GoneAsync(context);
        });
        await using var run = await GatewayRun.StartAsync(upstream.Address);
        using var leave = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/public/v1/agreements");
        var answer = run.SendAsync(request, leave.Token);
        await arrived.Task;
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        Assert.Equal(["MD-0002 499 - 1"], await run.CountsAsync());
        Assert.DoesNotContain("failed", run.Portal.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_LeavesWithinTheAnswer_IsNoFailureOfTheUpstream()
    {
        await using var upstream = await TestUpstream.StartAsync(async context =>
        {
            await context.Response.WriteAsync("begun");
            await context.Response.Body.FlushAsync();
            await GoneAsync(context);
        });
        await using var run = await GatewayRun.StartAsync(upstream.Address);
        using (var request = new HttpRequestMessage(HttpMethod.Get, "/public/v1/agreements"))
        using (var response = await run.SendAsync(request))
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(["MD-0002 200 - 1"], await run.CountsAsync());
        Assert.DoesNotContain("failed", run.Portal.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Upstream_ThatWantsNoMoreOfTheBody_HasAnswered()
    {
        await using var upstream = await TestUpstream.StartAsync(context =>
        {
            context.Response.StatusCode = 413;
            context.Response.Headers.Connection = "close";
            return context.Response.WriteAsync("too large for me");
        });
        await using var run = await GatewayRun.StartAsync(upstream.Address);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/public/v1/agreements") { Content = new ByteArrayContent(new byte[1_000_000]) };
        using var response = await run.SendAsync(request);
        Assert.Equal((HttpStatusCode)413, response.StatusCode);
        Assert.Equal("too large for me", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(["MD-0002 413 - 1"], await run.CountsAsync());
    }

    [Fact]
    public async Task Path_ThatLeadsOut_BelongsToNoModuleAndIsCounted()
    {
        await using var upstream = await TestUpstream.StartAsync();
        await using var run = await GatewayRun.StartAsync(upstream.Address);
        foreach (var path in new[] { "/agreements/..%2Fbilling", "/agreements/%252e%252e/billing", "/agreements/..;/billing", @"/agreements/..\billing", "/agreements/x/../y" })
        {
            var (status, body) = await run.SendRawAsync("/public/v1" + path);
            Assert.Equal(404, status);
            Assert.Contains("NFND_001", body, StringComparison.Ordinal);
        }

        Assert.Equal(["- 404 NFND_001 5"], await run.CountsAsync());
        Assert.Empty(upstream.Seen);
    }

    [Fact]
    public async Task Target_IsPassedOnByteForByte()
    {
        await using var upstream = await TestUpstream.StartAsync();
        await using var run = await GatewayRun.StartAsync(upstream.Address, (GatewayRun.Billing + "Destinations:0", upstream.Address + "/v2/"), (GatewayRun.Billing + "PathPrefix", "Stripped"));
        string[] paths = ["/agreements/a%2Fb%5c;v=1.2//%7E?q=%2F&../[x]|?", "/%61greements/1", "/AGREEMENTS/1", "/billing/a%2Fb?x", "/billing"];
        foreach (var path in paths)
            Assert.Equal(200, (await run.SendRawAsync("/public/v1" + path)).Status);
        Assert.Equal(200, (await run.SendRawAsync($"{run.Portal.Address}public/v1/forms/%41?b=%41")).Status);
        Assert.Equal(
            ["/agreements/a%2Fb%5c;v=1.2//%7E?q=%2F&../[x]|?", "/%61greements/1", "/AGREEMENTS/1", "/v2/a%2Fb?x", "/v2/", "/forms/%41?b=%41"],
            upstream.Seen.Select(seen => seen.Target));
    }

    /// <summary>Waits until the other side has disconnected.</summary>
    private static async Task GoneAsync(HttpContext context)
    {
        var gone = new TaskCompletionSource();
        await using var registration = context.RequestAborted.Register(gone.SetResult);
        await gone.Task;
    }

    private static async Task AssertNeverWholeAsync(GatewayRun run)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/public/v1/agreements");
        // The connection may break before the response starts.
        await Assert.ThrowsAsync<HttpRequestException>(async () =>
        {
            using var response = await run.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        });
    }

    private static async Task AssertRefusedAsync(GatewayRun run, HttpStatusCode status, string code, string told)
    {
        using var response = await run.GetAsync("/agreements");
        var error = await ErrorBody.AssertAsync(response, status, code);
        Assert.StartsWith("The service behind the module Agreements (MD-0002) ", error, StringComparison.Ordinal);
        Assert.Contains(told, error, StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1", error, StringComparison.Ordinal);
    }
}
