using System.Diagnostics.Metrics;
using Portal.Data.Nodes;

namespace Portal.Nodes;

/// <summary>Asks the database servers for their state again and again, and reports it in the meter <see cref="NodeMetrics.MeterName"/>.</summary>
internal sealed class ServerWatch : BackgroundService
{
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    private readonly IServerReader? _servers;
    private readonly TimeProvider _clock;
    private volatile IReadOnlyList<ServerEntry> _read = [];

    /// <param name="servers">Null if the database has no servers.</param>
    public ServerWatch(IServerReader? servers, IMeterFactory meters, TimeProvider clock)
    {
        (_servers, _clock) = (servers, clock);
        if (servers is null)
            return;
        var meter = meters.Create(NodeMetrics.MeterName);
        meter.CreateObservableGauge("portal.database.servers", States, "{server}", "1 for the state of a database server, 0 for the others.");
        meter.CreateObservableGauge("portal.database.delay", Delays, "s", "How much older the data of a standby server is than that of the primary.");
    }

    internal async Task ReadAsync(CancellationToken cancellation) => _read = NodeReader.Describe(await _servers!.ReadAsync(cancellation));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_servers is null)
            return;
        using var timer = new PeriodicTimer(Interval, _clock);
        do
            await ReadAsync(stoppingToken);
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private IEnumerable<Measurement<int>> States() =>
        from server in _read
        from state in Enum.GetValues<ServerState>()
        select new Measurement<int>(server.State == state ? 1 : 0, Of(server), new KeyValuePair<string, object?>("portal.state", NameOf(state)));

    private IEnumerable<Measurement<double>> Delays() =>
        from server in _read
        let delay = server.Delay
        where delay is not null
        select new Measurement<double>(delay.Value.TotalSeconds, Of(server));

    private static KeyValuePair<string, object?> Of(ServerEntry server) => new("portal.server", server.Name);

    private static string NameOf(ServerState state) => state switch
    {
        ServerState.Primary => "primary",
        ServerState.Standby => "standby",
        _ => "unreachable",
    };
}
