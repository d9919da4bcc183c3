using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Portal.Tests.Webhooks;

/// <summary>A request that a receiver got.</summary>
internal sealed record ReceivedMessage(string Path, IHeaderDictionary Headers, string Body)
{
    public string Id => Headers["webhook-id"].ToString();
    public string Type => Read().GetProperty("type").GetString()!;
    public string Handle => Read().GetProperty("data").GetProperty("token").GetProperty("handle").GetString()!;

    public JsonElement Read() => JsonDocument.Parse(Body).RootElement;
}

/// <summary>A web server on a free port that receives events, and answers as the test wants.</summary>
internal sealed class TestReceiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<ReceivedMessage> _messages = new();
    private readonly WebApplication _app;

    private TestReceiver(WebApplication app) => _app = app;

    public IReadOnlyList<ReceivedMessage> Messages => [.. _messages];

    public string Url => $"{_app.Urls.Single()}/hooks?key=abc";

    public int Port => new Uri(_app.Urls.Single()).Port;

    /// <summary>The status of each response; by default, all are accepted.</summary>
    public Func<ReceivedMessage, int> Status { get; set; } = _ => StatusCodes.Status204NoContent;

    /// <summary>Writes a response instead; null: <see cref="Status"/> says what is answered.</summary>
    public Func<HttpContext, Task>? Respond { get; set; }

    public static async Task<TestReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new TestReceiver(builder.Build());
        receiver._app.Run(receiver.ReceiveAsync);
        await receiver._app.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    /// <summary>Forgets what it has received.</summary>
    public void Clear() => _messages.Clear();

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task ReceiveAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var headers = new HeaderDictionary(context.Request.Headers.ToDictionary(header => header.Key, header => header.Value, StringComparer.OrdinalIgnoreCase));
        var message = new ReceivedMessage(context.Request.Path, headers, await reader.ReadToEndAsync());
        _messages.Enqueue(message);
        context.Response.StatusCode = Status(message);
        if (Respond is { } respond)
            await respond(context);
    }
}
