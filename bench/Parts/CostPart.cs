using System.Globalization;
using Portal.Bench.Seeds;
using Portal.Bench.Servers;

namespace Portal.Bench.Parts;

/// <summary>Measures the processor time and memory of a request without the network, to find differences that throughput doesn't show.</summary>
internal sealed class CostPart : IPart
{
    public string Name => "cost";
    public string Title => "Cost of a request";

    public async Task<string> MeasureAsync(Bench bench)
    {
        var data = Path.Combine(bench.Folder, Name);
        await Seed.CreateAsync(bench.Portal.Folder, data, Choice.FewTokens);
        var (bareTransport, portalTransport) = (new MemoryTransport(), new MemoryTransport());
        await using var bareServer = await BareServer.StartAsync(bareTransport);
        await using var portalServer = new InProcessPortal(data, portalTransport);
        portalServer.StartServer();
        var bare = new RequestCost(bareTransport.Connect(bareServer.Services), BareServer.Path, key: null);
        var portal = new RequestCost(portalTransport.Connect(portalServer.Services), BareServer.Path, SeededKeys.At(0).ToHeaderValue());
        var (bareLength, portalLength) = ((await bare.SendAsync()).Length, (await portal.SendAsync()).Length);
        var (bareCosts, portalCosts) = (new List<Cost>(), new List<Cost>());
        for (var round = -bench.Choice.CostWarmUps; round < bench.Choice.CostRounds; round++)
        {
            var (one, other) = (await bare.MeasureAsync(Choice.CostRequests, bareLength), await portal.MeasureAsync(Choice.CostRequests, portalLength));
            if (round < 0)
                continue;
            bareCosts.Add(one);
            portalCosts.Add(other);
        }

        var (lowest, ours) = (Lowest(bareCosts), Lowest(portalCosts));
        return string.Create(CultureInfo.InvariantCulture, $"""
            The same requests as above, one after another over a connection within the process, without sockets and a load generator.

            | | processor time, µs | allocated, bytes |
            |---|--:|--:|
            | Bare Kestrel | {lowest.Nanoseconds / 1000:0.00} | {lowest.Bytes:N0} |
            | Portal | {ours.Nanoseconds / 1000:0.00} | {ours.Bytes:N0} |
            | Difference | {(ours.Nanoseconds - lowest.Nanoseconds) / 1000:0.00} | {ours.Bytes - lowest.Bytes:N0} |

            """);
    }

    /// <summary>The lowest cost, because other load on the machine only adds to it.</summary>
    private static Cost Lowest(List<Cost> costs) => new(costs.Min(cost => cost.Nanoseconds), costs.Min(cost => cost.Bytes));
}
