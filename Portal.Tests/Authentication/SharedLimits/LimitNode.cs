using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Portal.Authentication;
using Portal.Authentication.SharedLimits;
using Portal.Data;
using Portal.Data.Nodes;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Authentication.SharedLimits;

/// <summary>The rate limits of one of several nodes. The test decides when it exchanges.</summary>
internal sealed class LimitNode : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ILimitStore _store;
    private readonly RateLimits _limits;

    /// <param name="number">Distinguishes the node from others.</param>
    public LimitNode(int number, int nodes, ILimitStore store, TimeProvider clock)
    {
        _store = store;
        Buckets = new SharedBuckets(new Nodes(nodes), clock, (ulong)number);
        Exchange = new LimitExchange(Buckets, store, _services.GetRequiredService<IMeterFactory>(), clock, new Logger<LimitExchange>(new LoggerFactory([Log])));
        _limits = new RateLimits(Options.Create(new TokenOptions()), new Nodes(nodes), Buckets, clock);
    }

    public LogRecorder Log { get; } = new();
    public SharedBuckets Buckets { get; }
    public LimitExchange Exchange { get; }

    public RateStatus Take(RateLimit limit, long tokenId = 1) => _limits.Take(new Credential(
        new StoredCredential(tokenId, "PA-1", "SU-111-222-333", "Test", StoredStatus.Active, true, limit.ToString(), [], new HashSet<string>()), TestCatalog.Default, null, "PA-1"))!.Value;

    /// <summary>Takes as many requests as this node admits now.</summary>
    public int TakeAll(RateLimit limit)
    {
        var admitted = 0;
        while (!Buckets.Take(1, limit).Refused)
            admitted++;
        return admitted;
    }

    public async ValueTask DisposeAsync()
    {
        Exchange.Dispose();
        _limits.Dispose();
        Buckets.Dispose();
        await _store.DisposeAsync();
        await _services.DisposeAsync();
    }

    /// <summary>With two more nodes that serve only pages.</summary>
    private sealed class Nodes(int servingKeys) : INodeCount
    {
        public int Live => servingKeys + 2;
        public int ServingKeys => servingKeys;
    }
}
