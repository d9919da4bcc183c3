using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Portal.Data.Nodes;
using Portal.Nodes;
using Portal.Tests.Support;

namespace Portal.Tests.Nodes;

public sealed class ServerWatchTests
{
    private static readonly DateTime Now = TestPortal.Start;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Metrics_PrimaryFailsAndStandbyIsPromoted_SayWhichServerDoesWhat()
    {
        var servers = new Servers(
            [Standby("db2"), new ServerRead("db1", ServerState.Primary, false, "15.8", 10, Now)],
            [Standby("db2"), Unreachable("db1")],
            [new ServerRead("db2", ServerState.Primary, true, "15.8", 12, Now), Unreachable("db1")]);
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var watch = new ServerWatch(servers, services.GetRequiredService<IMeterFactory>(), TimeProvider.System);
        using var metrics = new MetricRecorder(services);
        Assert.Empty(metrics.Read("portal.database"));

        await watch.ReadAsync(Cancellation);
        Assert.Equal(
            [
                "portal.database.delay db2 3", "portal.database.servers db1 primary 1", "portal.database.servers db1 standby 0", "portal.database.servers db1 unreachable 0",
                "portal.database.servers db2 primary 0", "portal.database.servers db2 standby 1", "portal.database.servers db2 unreachable 0",
            ],
            metrics.Read("portal.database"));

        await watch.ReadAsync(Cancellation);
        // Nobody knows what the standby server lacks, because the primary doesn't say what it has.
        Assert.Equal(["portal.database.servers db1 unreachable 1", "portal.database.servers db2 standby 1"], Present(metrics));
        await watch.ReadAsync(Cancellation);
        Assert.Equal(["portal.database.servers db1 unreachable 1", "portal.database.servers db2 primary 1"], Present(metrics));
    }

    [Fact]
    public async Task Watch_Running_AsksEachInterval()
    {
        var servers = new Servers([], [], []);
        var clock = new FakeTimeProvider();
        using var meters = new Data.Nodes.TestMeters();
        using var watch = new ServerWatch(servers, meters, clock);

        await watch.StartAsync(Cancellation);

        for (var i = 0; i < 3; i++)
        {
            await servers.Asked[i].Task.WaitAsync(Cancellation);
            clock.Advance(ServerWatch.Interval);
        }

        await watch.StopAsync(Cancellation);
    }

    [Fact]
    public async Task Metrics_DatabaseWithoutServers_DoNotExist()
    {
        await using var portal = await TestPortal.CreateAsync();
        using var metrics = new MetricRecorder(portal.Services);
        using var watch = new ServerWatch(null, portal.Services.GetRequiredService<IMeterFactory>(), portal.Clock);

        await watch.StartAsync(Cancellation);

        await watch.ExecuteTask!;
        Assert.Empty(metrics.Read("portal.database"));
    }

    private static ServerRead Standby(string name) => new(name, ServerState.Standby, true, "15.8", 9, Now.AddSeconds(-3));

    private static ServerRead Unreachable(string name) => new(name, ServerState.Unreachable, false, null, null, null);

    private static string[] Present(MetricRecorder metrics) => [.. metrics.Read("portal.database").Where(line => !line.EndsWith(" 0", StringComparison.Ordinal))];

    /// <param name="reads">What is read, one time after the other.</param>
    private sealed class Servers(params IReadOnlyList<ServerRead>[] reads) : IServerReader
    {
        private int _times;

        public IReadOnlyList<TaskCompletionSource> Asked { get; } = [.. reads.Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))];

        public Task<IReadOnlyList<ServerRead>> ReadAsync(CancellationToken cancellation)
        {
            var time = Math.Min(_times++, reads.Length - 1);
            Asked[time].TrySetResult();
            return Task.FromResult(reads[time]);
        }
    }
}
