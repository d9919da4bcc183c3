using System.Data.Common;

namespace Portal.Data.Nodes;

/// <summary>Registers the services of this folder.</summary>
internal static class NodesExtensions
{
    /// <summary>For every database. Without <see cref="AddSharedDatabase"/>, this process is the only node and always trusts its memory.</summary>
    public static void AddNodes(this IServiceCollection services)
    {
        services.AddOptions<NodeOptions>().BindConfiguration(NodeOptions.SectionName, binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<NodeLease>();
        services.AddSingleton<NodeWatch>();
        services.AddSingleton<INodeCount>(provider => provider.GetRequiredService<NodeWatch>());
    }

    /// <summary>For a database that several processes share.</summary>
    /// <param name="connect">Creates a connection to the primary server, not open yet.</param>
    public static void AddSharedDatabase(this IServiceCollection services, Func<DbConnection> connect)
    {
        services.AddSingleton<INodeStore>(new NodeStore(connect));
        services.AddSingleton(NodeIdentity.OfThisProcess("All"));
        services.AddSingleton<Wakeup>();
        services.AddSingleton<ChangeBarrier>();
        services.AddSingleton<ChangeFollower>();
        services.AddHostedService(provider => provider.GetRequiredService<ChangeFollower>());
    }
}
