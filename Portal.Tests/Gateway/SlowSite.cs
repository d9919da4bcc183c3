using System.Collections.Concurrent;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;

namespace Portal.Tests.Gateway;

/// <summary>A Portal with a slow upstream. Agreements is forwarded directly, Billing with load balancing.</summary>
public sealed class SlowSite : IAsyncLifetime
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

    public Task ArrivedAsync(string name) => Seen(name).Arrived.Task.WaitAsync(LongRequests.Patience);

    public Task LeftAsync(string name) => Seen(name).Left.Task.WaitAsync(LongRequests.Patience);

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
