using System.Data.Common;

namespace Portal.Data.Nodes;

/// <summary>Registers the services of this folder. They measure by the system's timer: other nodes don't follow Portal's clock.</summary>
internal static class NodesExtensions
{
    /// <summary>For every database. Without <see cref="AddSharedDatabase"/>, this process is the only node and always trusts its memory.</summary>
    public static void AddNodes(this IServiceCollection services)
    {
        services.AddOptions<NodeOptions>().BindConfiguration(NodeOptions.SectionName, binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(new NodeLease(TimeProvider.System));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<NodeWatch>(provider, TimeProvider.System));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<NodeDrain>(provider, TimeProvider.System));
        services.AddSingleton<INodeCount>(provider => provider.GetRequiredService<NodeWatch>());
    }

    /// <summary>For a database that several processes share. <see cref="IChangeNotifications"/> must be registered, too.</summary>
    /// <param name="connect">Creates a connection to the primary server, not open yet.</param>
    public static void AddSharedDatabase(this IServiceCollection services, Func<DbConnection> connect)
    {
        services.AddSingleton<INodeStore>(new NodeStore(connect));
        services.AddSingleton(provider => NodeIdentity.OfThisProcess(ProcessRoleSetting.Load(provider.GetRequiredService<IConfiguration>())));
        services.AddSingleton<NodeMetrics>();
        services.AddSingleton(_ => new Wakeup(TimeProvider.System));
        services.AddSingleton<IChangeBarrier>(provider => ActivatorUtilities.CreateInstance<ChangeBarrier>(provider, TimeProvider.System));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<ChangeFollower>(provider, TimeProvider.System));
        services.AddHostedService(provider => provider.GetRequiredService<ChangeFollower>());
    }
}
