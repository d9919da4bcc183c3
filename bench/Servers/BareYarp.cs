using Yarp.ReverseProxy.Configuration;

namespace Portal.Bench.Servers;

/// <summary>YARP as in the beginning of its documentation: its default pipeline, one route, one cluster, no checks.</summary>
internal static class BareYarp
{
    public static async Task RunAsync(string address, string upstream)
    {
        var builder = WebApplication.CreateBuilder();
        BareServer.Listen(builder, address);
        builder.Services.AddReverseProxy().LoadFromMemory(
            [new RouteConfig { RouteId = "all", ClusterId = "upstream", Match = new RouteMatch { Path = "/public/v1/{**rest}" } }],
            [
                new ClusterConfig
                {
                    ClusterId = "upstream",
                    Destinations = new Dictionary<string, DestinationConfig> { ["only"] = new() { Address = upstream } },
                },
            ]);
        await using var app = builder.Build();
        app.MapReverseProxy();
        await app.RunAsync();
    }
}
