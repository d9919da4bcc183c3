using Microsoft.Extensions.Options;

namespace Portal.Data.Nodes;

/// <summary>Prepares the stop of a node while others are alive: first the load balancers notice it, and then others continue its work. Without
/// other nodes, there is nothing to prepare.</summary>
public sealed partial class NodeDrain(IOptions<NodeOptions> options, INodeCount nodes, IServiceProvider services, TimeProvider clock, ILogger<NodeDrain> logger)
{
    /// <summary>The longest time for the handover, after <see cref="NodeOptions.DrainDelay"/>.</summary>
    public static readonly TimeSpan LongestHandover = TimeSpan.FromSeconds(15);

    private volatile bool _hasBegun, _handsOver;

    /// <summary>Whether the node is about to stop. It still serves everything, but load balancers should choose another one.</summary>
    public bool HasBegun => _hasBegun;

    /// <summary>Whether others continue the work of this node, so that it doesn't begin any new work that lasts.</summary>
    public bool HandsOver => _handsOver;

    /// <summary>Returns when the node can stop. Never throws.</summary>
    public async Task RunAsync()
    {
        if (_hasBegun || nodes.Live < 2)
            return;
        _hasBegun = true;
        LogBegun(options.Value.DrainDelay);
        await Task.WhenAll(ShowAsync(), Task.Delay(options.Value.DrainDelay, clock));
        _handsOver = true;
        using var limit = new CancellationTokenSource(LongestHandover, clock);
        foreach (var work in services.GetServices<IHandover>())
        {
            try
            {
                await work.HandOverAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                // The rest ends with this node.
            }
            catch (Exception exception)
            {
                LogFailed(exception);
            }
        }
    }

    /// <summary>Shows on the page of the nodes that this one is about to stop.</summary>
    private async Task ShowAsync()
    {
        using var limit = new CancellationTokenSource(options.Value.StatementTimeout, clock);
        try
        {
            if (services.GetService<ChangeFollower>()?.Id is { } id)
                await services.GetRequiredService<INodeStore>().DrainAsync(id, limit.Token);
        }
        catch (Exception exception)
        {
            LogNotShown(StoreFailure.Of(exception).Reason);
        }
    }

    [LoggerMessage(LogLevel.Debug, "Other nodes show this one as live: {Reason}")]
    private partial void LogNotShown(string reason);

    [LoggerMessage(LogLevel.Information, "This node is about to stop. Its readiness check fails from now on, and it hands its pages over in {Delay}")]
    private partial void LogBegun(TimeSpan delay);

    [LoggerMessage(LogLevel.Warning, "Work could not be handed over to another node")]
    private partial void LogFailed(Exception exception);
}
