using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Portal.Authentication;
using Portal.Data;
using Portal.Data.Nodes;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Data.Nodes;

public sealed class NodeWatchTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly NodeWatch _watch;

    public NodeWatchTests() => _watch = new NodeWatch(Options.Create(new NodeOptions()), _clock);

    [Fact]
    public void Observe_NodesWithRoles_CountsThoseThatServeKeys()
    {
        Assert.Equal((1, 1), (_watch.Live, _watch.ServingKeys));

        _watch.Observe(Read(Row(servesKeys: false)));
        Assert.Equal((1, 1), (_watch.Live, _watch.ServingKeys));

        var silent = Row(servesKeys: true);
        _watch.Observe(Read(Row(servesKeys: false), Row(servesKeys: false), Row(servesKeys: true), silent));
        Assert.Equal((4, 2), (_watch.Live, _watch.ServingKeys));

        _clock.Advance(new NodeOptions().Silence);
        Assert.Equal(silent, Assert.Single(_watch.Observe(Read(Row(servesKeys: false), Row(servesKeys: true), silent))));
        Assert.Equal((2, 1), (_watch.Live, _watch.ServingKeys));
    }

    [Fact]
    public void Limits_TwoNodesWithPagesAndTwoGateways_EachGatewayAdmitsHalf()
    {
        _watch.Observe(Read(Row(servesKeys: false), Row(servesKeys: false), Row(servesKeys: true), Row(servesKeys: true)));
        using var limits = new RateLimits(Options.Create(new TokenOptions { FailedVerifications = "8 per minute" }), _watch, null, _clock);
        var credential = new Credential(
            new StoredCredential(1, "PA-1", "SU-111-222-333", "Test", StoredStatus.Active, true, "8 per minute", [], new HashSet<string>()), TestCatalog.Default, null, "PA-1");

        Assert.Equal(4, Enumerable.Range(0, 8).Count(_ => !limits.Take(credential)!.Value.Refused));
        Assert.Equal(4, Enumerable.Range(0, 8).Count(_ => !limits.TakeFailure(null)!.Value.Refused));
    }

    private static NodesRead Read(params NodeRow[] live) => new(0, live);

    private static NodeRow Row(bool servesKeys) => new(Guid.CreateVersion7(), "a", 1, 0, servesKeys);
}
