using Microsoft.AspNetCore.Connections;

namespace Portal.Bench.Servers;

/// <summary>Kestrel with one endpoint that responds with the same bytes as Portal's sandbox, without checks. Portal is compared with it, and it is
/// the upstream of the gateways.</summary>
internal static class BareServer
{
    public const string Path = "/public/v1/agreements/AGR-100-200-001";

    private static readonly byte[] Body =
        """{"id":"AGR-100-200-001","name":"Distribution agreement with Alder Works","type":"distribution","status":"enabled","version":1,"owner":{"id":"VA-100-001","name":"Alder Works"},"events":{"created":{"at":"2026-01-05T09:30:00Z"},"updated":{"at":"2026-01-07T09:30:00Z"}}}"""u8.ToArray();

    public static async Task RunAsync(string address)
    {
        await using var app = Build(address);
        app.MapGet(Path, AnswerLikeSandboxAsync);
        await app.RunAsync();
    }

    /// <summary>Responds in the same way on every path, because gateways differ in the part of it that they send.</summary>
    public static async Task RunUpstreamAsync(string address)
    {
        await using var app = Build(address);
        app.Run(AnswerAsync);
        await app.RunAsync();
    }

    /// <summary>Runs the server within this process.</summary>
    public static async Task<WebApplication> StartAsync(MemoryTransport transport)
    {
        var builder = WebApplication.CreateSlimBuilder();
        Listen(builder, "http://127.0.0.1:0");
        builder.Services.AddSingleton<IConnectionListenerFactory>(transport);
        var app = builder.Build();
        app.MapGet(Path, AnswerLikeSandboxAsync);
        await app.StartAsync();
        return app;
    }

    internal static void Listen(WebApplicationBuilder builder, string address)
    {
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information);
        builder.WebHost.UseUrls(address).ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
    }

    private static WebApplication Build(string address)
    {
        var builder = WebApplication.CreateSlimBuilder();
        Listen(builder, address);
        return builder.Build();
    }

    private static Task AnswerLikeSandboxAsync(HttpContext context)
    {
        context.Response.Headers["X-Sandbox"] = "true";
        return AnswerAsync(context);
    }

    private static Task AnswerAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = Body.Length;
        return context.Response.Body.WriteAsync(Body).AsTask();
    }
}
