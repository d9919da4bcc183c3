using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Portal.Authentication;
using Portal.Authentication.IpRules;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Gateway;

/// <summary>Requests that last end when their token may no longer send them, and no others do.</summary>
public sealed class OngoingRequestTests(OngoingRequestTests.Site site) : IClassFixture<OngoingRequestTests.Site>
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(200), Patience = TimeSpan.FromSeconds(30);

    private PortalHost Portal => site.Run.Portal;

    [Theory]
    [InlineData("disabled", "401", "AUTH_002", "is disabled")]
    [InlineData("deleted", "401", "AUTH_002", "was deleted")]
    [InlineData("expired", "401", "AUTH_002", "has expired")]
    [InlineData("rotated", "401", "AUTH_001", "unauthorized")]
    [InlineData("overlap", "401", "AUTH_001", "unauthorized")]
    [InlineData("ended now", "401", "AUTH_001", "unauthorized")]
    [InlineData("modules", "403", "AUTH_004", "may not use the module")]
    [InlineData("address", "403", "AUTH_003", "the address 127.0.0.1")]
    public async Task Change_ThatTheTokenMayNotGoOnAfter_EndsEveryKindOfRequest(string change, string status, string code, string words)
    {
        var key = await Portal.CreateTokenAsync(change == "expired" ? Portal.Clock.GetUtcNow().UtcDateTime.AddMinutes(5) : null, "MD-0002", "MD-0003", "MD-0004");
        if (change is "overlap" or "ended now")
            Done(await Portal.Tokens.RotateAsync(Portal.Administrator, key.Handle, null, TimeSpan.FromMinutes(5)));
        await using var other = await OpenAsync(await Portal.CreateTokenAsync());
        await using var requests = await OpenAsync(key);

        await MakeAsync(change, key);
        await EndAsync(requests.All);
        foreach (var answer in await Task.WhenAll(requests.Unanswered))
        {
            Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
            Assert.Contains(code, answer, StringComparison.Ordinal);
            Assert.Contains(words, answer, StringComparison.Ordinal);
        }

        // Of another token.
        Assert.DoesNotContain(other.All, request => request.IsCompleted);
        await other.EchoAsync();
        Assert.Equal([$"MD-0002 {status} {code} 4", $"MD-0003 {status} {code} 4"], await CountsAsync(key));
    }

    [Fact]
    public async Task Change_ThatTheTokenMayGoOnAfter_EndsNothing()
    {
        var key = await Portal.CreateTokenAsync(null, "MD-0002", "MD-0003");
        await using var requests = await OpenAsync(key);
        var reader = Portal.Services.GetRequiredService<TokenReader>();
        var token = (await reader.FindAsync(Portal.Administrator, key.Handle))!;
        Done(await Portal.Tokens.EditAsync(Portal.Administrator, key.Handle, new TokenEdit(token.Name + " renamed", null, "Another text", ModuleChoice.All), token.Version));
        Done(await Portal.Tokens.RotateAsync(Portal.Administrator, key.Handle, null, TimeSpan.FromHours(1)));
        var rules = Portal.Services.GetRequiredService<IpRuleService>();
        Assert.IsType<IpRuleOutcome.Done>(await rules.AddAsync(Portal.Administrator, new NewIpRule(null, "127.0.0.0/8", key.Handle)));

        // Another one is found and ended, so the review has been there.
        var disabled = await Portal.CreateTokenAsync();
        await using var ended = await OpenAsync(disabled);
        await Portal.DisableAsync(disabled);
        await EndAsync(ended.All);
        Assert.DoesNotContain(requests.All, request => request.IsCompleted);
        await requests.EchoAsync();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("RoundRobin")]
    public async Task Upstream_TakenAway_EndsItsRequests_AndAnotherOneDoesNot(string? balancing)
    {
        string Upstream(string address) => balancing is null
            ? $$"""{"Destinations":["{{address}}"]}""" : $$"""{"Destinations":["{{address}}"],"LoadBalancing":"{{balancing}}"}""";
        using var changes = new UpstreamChanges(Upstream(site.Upstream.Address));
        await using var run = await changes.StartAsync();
        await using var requests = await Requests.OpenAsync(run.Portal, run.Key, "agreements");
        await changes.ApplyAsync(Upstream(site.Upstream.Address.Replace("127.0.0.1", "localhost", StringComparison.Ordinal)));
        await requests.EchoAsync();
        await changes.ApplyAsync("null");
        await EndAsync(requests.All, run.Portal);
        Assert.StartsWith("HTTP/1.1 503 ", await requests.Unanswered[0], StringComparison.Ordinal);
        Assert.Contains("GTW_001", await requests.Unanswered[0], StringComparison.Ordinal);
    }

    /// <summary>Reviews are so frequent that all the steps that an end can take fit into a second.</summary>
    [Fact]
    public void Interval_EveryStepOfAnEnd_FitsIntoASecond() =>
        Assert.InRange(OngoingRequestMonitor.Interval * OngoingRequest.LastStep, TimeSpan.Zero, TimeSpan.FromMilliseconds(900));

    [Fact]
    public async Task Upstream_LearnsThatItsRequestEnded()
    {
        var key = await Portal.CreateTokenAsync();
        var name = Guid.CreateVersion7().ToString("N");
        var answer = Requests.ExchangeAsync(Portal, key, "GET", $"/public/v1/agreements/wait?{name}", "");
        await site.ArrivedAsync(name);
        await Portal.DisableAsync(key);
        await EndAsync([answer, site.LeftAsync(name)]);
    }

    private async Task MakeAsync(string change, ApiKey key)
    {
        switch (change)
        {
            case "disabled":
                await Portal.DisableAsync(key);
                break;
            case "deleted":
                await Portal.DeleteAsync(key);
                break;
            case "expired" or "overlap":
                Portal.Clock.Advance(TimeSpan.FromMinutes(6));
                break;
            case "rotated":
                await Portal.RotateAsync(key);
                break;
            case "ended now":
                Done(await Portal.Tokens.EndPreviousAsync(Portal.Administrator, key.Handle));
                break;
            case "modules":
                await Portal.EditModulesAsync(key, new ModuleChoice(false, ["MD-0004"]));
                break;
            default:
                Assert.IsType<IpRuleOutcome.Done>(await Portal.Services.GetRequiredService<IpRuleService>()
                    .AddAsync(Portal.Administrator, new NewIpRule(null, "192.0.2.1", key.Handle)));
                break;
        }
    }

    private async Task<Requests> OpenAsync(ApiKey key) => await Requests.OpenAsync(Portal, key, "agreements", "billing");

    private Task EndAsync(IReadOnlyCollection<Task> requests) => EndAsync(requests, Portal);

    /// <summary>Lets time pass until all of them are over.</summary>
    private static async Task EndAsync(IReadOnlyCollection<Task> requests, PortalHost portal)
    {
        var all = Task.WhenAll(requests);
        using var patience = new CancellationTokenSource(Patience);
        while (!all.IsCompleted)
        {
            patience.Token.ThrowIfCancellationRequested();
            portal.Clock.Advance(Step);
            await Task.WhenAny(all, Task.Delay(150, patience.Token));
        }

        await all;
    }

    /// <summary>The upstream and the client know before Portal is through.</summary>
    private async Task<string[]> CountsAsync(ApiKey key)
    {
        string[] counts;
        do
            counts = [.. (await Portal.CountsAsync(key.Handle)).Select(count => count[(count.IndexOf(' ', StringComparison.Ordinal) + 1)..])];
        while (counts.Sum(count => int.Parse(count.AsSpan(count.LastIndexOf(' ')), System.Globalization.CultureInfo.InvariantCulture)) < 8);
        return counts;
    }

    private static void Done(TokenOutcome outcome) => Assert.IsType<TokenOutcome.Done>(outcome);

    /// <summary>One request of each kind, for each module: a WebSocket, a stream of events, an upload, and one that is not answered.</summary>
    private sealed class Requests : IAsyncDisposable
    {
        private readonly List<ClientWebSocket> _sockets = [];
        private readonly List<IDisposable> _open = [];

        /// <summary>Each completes when its request is over.</summary>
        public List<Task> All { get; } = [];

        /// <summary>Those whose response has not begun: they give all that the client got.</summary>
        public List<Task<string>> Unanswered { get; } = [];

        public static async Task<Requests> OpenAsync(PortalHost portal, ApiKey key, params string[] modules)
        {
            var requests = new Requests();
            foreach (var module in modules)
            {
                requests.Unanswered.Add(ExchangeAsync(portal, key, "GET", $"/public/v1/{module}/wait", ""));
                requests.Unanswered.Add(ExchangeAsync(portal, key, "POST", $"/public/v1/{module}/upload", "Transfer-Encoding: chunked\r\n", "5\r\nfirst\r\n"));
                await requests.OpenSocketAsync(portal, key, module);
                await requests.OpenEventsAsync(portal, key, module);
            }

            requests.All.AddRange(requests.Unanswered);
            return requests;
        }

        /// <summary>Sends a request and gives what came until the answer was whole.</summary>
        public static async Task<string> ExchangeAsync(PortalHost portal, ApiKey key, string method, string target, string headers, string body = "")
        {
            using var client = new TcpClient();
            await client.ConnectAsync(portal.Address.Host, portal.Address.Port);
            await using var stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(
                $"{method} {target} HTTP/1.1\r\nHost: {portal.Address.Authority}\r\nAuthorization: {key.ToHeaderValue()}\r\n{headers}\r\n{body}"));
            var (answer, buffer) = ("", new byte[4096]);
            while (!answer.EndsWith('}') && await stream.ReadAsync(buffer) is > 0 and var read)
                answer += Encoding.UTF8.GetString(buffer, 0, read);
            return answer;
        }

        public async Task EchoAsync()
        {
            foreach (var socket in _sockets)
                await socket.SendAsync("still here"u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None).WaitAsync(Patience);
            Assert.All(_sockets, socket => Assert.Equal(WebSocketState.Open, socket.State));
        }

        public ValueTask DisposeAsync()
        {
            _open.ForEach(open => open.Dispose());
            return ValueTask.CompletedTask;
        }

        private async Task OpenSocketAsync(PortalHost portal, ApiKey key, string module)
        {
            var socket = new ClientWebSocket();
            _open.Add(socket);
            _sockets.Add(socket);
            socket.Options.SetRequestHeader("Authorization", key.ToHeaderValue());
            await socket.ConnectAsync(new UriBuilder(portal.Address) { Scheme = "ws", Path = $"/public/v1/{module}/socket" }.Uri, CancellationToken.None);
            All.Add(Task.Run(async () =>
            {
                await Assert.ThrowsAnyAsync<WebSocketException>(async () =>
                {
                    while (true)
                        await socket.ReceiveAsync(new byte[100], CancellationToken.None);
                });
            }));
        }

        private async Task OpenEventsAsync(PortalHost portal, ApiKey key, string module)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/public/v1/{module}/events");
            request.Headers.TryAddWithoutValidation("Authorization", key.ToHeaderValue());
            var response = await portal.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            _open.Add(response);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            All.Add(Task.Run(() => Assert.ThrowsAnyAsync<HttpRequestException>(() => response.Content.ReadAsStringAsync())));
        }
    }

    /// <summary>A Portal whose upstream takes its time. Agreements goes straight to it, Billing is balanced.</summary>
    public sealed class Site : IAsyncLifetime
    {
        private readonly ConcurrentDictionary<string, (TaskCompletionSource Arrived, TaskCompletionSource Left)> _seen = new();

        internal TestUpstream Upstream { get; private set; } = null!;
        internal GatewayRun Run { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Upstream = await TestUpstream.StartAsync(AnswerAsync);
            Run = await GatewayRun.StartAsync(
                Upstream.Address, (GatewayRun.Billing + "Destinations:0", Upstream.Address), (GatewayRun.Billing + "LoadBalancing", "RoundRobin"));
        }

        public async ValueTask DisposeAsync()
        {
            await Run.DisposeAsync();
            await Upstream.DisposeAsync();
        }

        public Task ArrivedAsync(string name) => Seen(name).Arrived.Task.WaitAsync(Patience);

        public Task LeftAsync(string name) => Seen(name).Left.Task.WaitAsync(Patience);

        private (TaskCompletionSource Arrived, TaskCompletionSource Left) Seen(string name) =>
            _seen.GetOrAdd(name, _ => (new(TaskCreationOptions.RunContinuationsAsynchronously), new(TaskCreationOptions.RunContinuationsAsynchronously)));

        private async Task AnswerAsync(HttpContext context)
        {
            var (arrived, left) = Seen(context.Request.QueryString.Value is { Length: > 1 } query ? query[1..] : "");
            arrived.TrySetResult();
            try
            {
                await ServeAsync(context);
            }
            catch (Exception exception) when (exception is OperationCanceledException or IOException or WebSocketException)
            {
                left.TrySetResult();
            }
        }

        private static async Task ServeAsync(HttpContext context)
        {
            if (context.Request.Path.Value!.EndsWith("/socket", StringComparison.Ordinal))
            {
                using var socket = await context.WebSockets.AcceptWebSocketAsync();
                while (true)
                {
                    var received = await socket.ReceiveAsync(new byte[100], CancellationToken.None);
                    await socket.SendAsync("heard"u8.ToArray(), received.MessageType, true, CancellationToken.None);
                }
            }

            if (context.Request.Path.Value.EndsWith("/upload", StringComparison.Ordinal))
                while (await context.Request.Body.ReadAsync(new byte[100], context.RequestAborted) > 0)
                    continue;
            if (context.Request.Path.Value.EndsWith("/events", StringComparison.Ordinal))
            {
                await context.Response.WriteAsync("data: first\n\n");
                await context.Response.Body.FlushAsync();
            }

            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        }
    }
}
