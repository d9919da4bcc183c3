using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Portal.Tests.Gateway;

/// <summary>A request as an upstream received it.</summary>
internal sealed record SeenRequest(string Method, string Target, IReadOnlyDictionary<string, string> Headers)
{
    public string Text => string.Join('\n', [$"{Method} {Target}", .. Headers.Select(header => $"{header.Key}: {header.Value}")]);

    public static SeenRequest Of(HttpContext context) => new(
        context.Request.Method, context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
        context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase));
}

/// <summary>A real server on a free port as a module's upstream.</summary>
internal sealed class TestUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<SeenRequest> _seen = new();

    private TestUpstream(WebApplication app) => _app = app;

    /// <summary>The response; by default 200 and the word "fine".</summary>
    public RequestDelegate Answer { get; set; } = context => context.Response.WriteAsync("fine");

    /// <summary>Such as <c>http://127.0.0.1:40321</c>.</summary>
    public string Address { get; private set; } = "";

    public IReadOnlyCollection<SeenRequest> Seen => _seen;

    /// <param name="address">The address to listen on; null for a free port.</param>
    public static async Task<TestUpstream> StartAsync(RequestDelegate? answer = null, HttpProtocols protocols = HttpProtocols.Http1, string? address = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(address ?? "http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = protocols);
            // Any bytes are read; text is sent in UTF-8.
            kestrel.RequestHeaderEncodingSelector = _ => System.Text.Encoding.Latin1;
            kestrel.ResponseHeaderEncodingSelector = _ => System.Text.Encoding.UTF8;
        });
        var upstream = new TestUpstream(builder.Build());
        if (answer is not null)
            upstream.Answer = answer;
        upstream._app.UseWebSockets();
        upstream._app.Run(context =>
        {
            upstream._seen.Enqueue(SeenRequest.Of(context));
            return upstream.Answer(context);
        });
        await upstream._app.StartAsync();
        upstream.Address = upstream._app.Urls.Single();
        return upstream;
    }

    public async ValueTask DisposeAsync()
    {
        // Immediately: requests in progress are aborted.
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}
