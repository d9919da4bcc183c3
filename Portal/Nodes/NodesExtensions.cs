using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using Portal.Access;
using Portal.Data.Nodes;

namespace Portal.Nodes;

/// <summary>Registers the services of this folder.</summary>
public static class NodesExtensions
{
    public static void AddNodeList(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton(services => new NodeReader(
            services.GetRequiredService<AccessControl>(), services.GetRequiredService<NodeLease>(), services.GetService<INodeStore>(), services.GetService<ChangeFollower>(),
            services.GetService<IServerReader>(), services.GetRequiredService<ILimitStoreState>(), services.GetRequiredService<IOptions<NodeOptions>>().Value));
        builder.Services.AddSingleton(services => new ServerWatch(
            services.GetService<IServerReader>(), services.GetRequiredService<IMeterFactory>(), services.GetRequiredService<TimeProvider>()));
        builder.Services.AddHostedService(services => services.GetRequiredService<ServerWatch>());
    }
}
