using System.Globalization;
using Microsoft.Extensions.Options;
using Portal.Tokens;
using StackExchange.Redis;

namespace Portal.Authentication.SharedLimits;

/// <summary>Keeps the shared buckets in a server with the Redis protocol, such as Valkey, Redis or Garnet.</summary>
/// <remarks>
/// A sorted set for each unit of time contains the buckets of all tokens; the score is the time at which a bucket is full again. Two commands
/// add requests: <c>ZADD GT</c> raises the score to the present, and <c>ZINCRBY</c> adds the time that the requests cost. Their order among those
/// of other nodes doesn't matter, so neither a transaction nor a script is needed. A range of scores contains the buckets that are used most.
/// Call it from one thread at a time.
/// </remarks>
internal sealed class RedisLimitStore(ConfigurationOptions configuration, string prefix) : ILimitStore
{
    /// <summary>The largest number of buckets that a node reads for each unit of time: those that need the longest to fill.</summary>
    private const int MostRead = 10_000;

    /// <summary>Full buckets are removed in one of this many exchanges.</summary>
    private const int ExchangesPerTrim = 20;

    private static readonly RateUnit[] Units = Enum.GetValues<RateUnit>();

    private readonly RedisKey[] _keys = [.. Units.Select(unit => (RedisKey)$"{prefix}:limits:{unit.ToString().ToLowerInvariant()}")];
    private Task<ConnectionMultiplexer>? _connection;
    private int _exchanges;

    /// <inheritdoc/>
    public string Name { get; } = string.Join(", ", configuration.EndPoints.Select(EndPointCollection.ToString));

    /// <exception cref="InvalidOperationException">There is no store in the configuration.</exception>
    public static ILimitStore Create(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<LimitStoreOptions>>().Value;
        return new RedisLimitStore(StoreConnection.Read(options) ?? throw new InvalidOperationException("There is no limit store."), options.Prefix);
    }

    public async Task<StoreAnswer> ExchangeAsync(double? time, IReadOnlyList<Spending> spent, LimitCorrections corrections, CancellationToken cancellation)
    {
        var database = (await ConnectAsync().WaitAsync(cancellation)).GetDatabase();
        var now = time ?? ToTime(await database.ExecuteAsync("TIME").WaitAsync(cancellation));
        var batch = database.CreateBatch();
        var clock = batch.ExecuteAsync("TIME");
        List<Task> others =
        [
            clock, .. corrections.Lowered.Select(change => batch.SortedSetAddAsync(KeyOf(change.Key), MemberOf(change.Key), change.Value, SortedSetWhen.LessThan)),
            .. corrections.Raised.Select(change => batch.SortedSetAddAsync(KeyOf(change.Key), MemberOf(change.Key), change.Value, SortedSetWhen.GreaterThan)),
        ];
        var scores = new Task<double>[spent.Count];
        for (var i = 0; i < scores.Length; i++)
        {
            var (key, member) = (KeyOf(spent[i].Token), MemberOf(spent[i].Token));
            others.Add(batch.SortedSetAddAsync(key, member, now, SortedSetWhen.GreaterThan));
            scores[i] = batch.SortedSetIncrementAsync(key, member, spent[i].Requests * spent[i].Token.Step);
        }

        Task<SortedSetEntry[]>[] ranges = [.. Units.Select(unit => batch.SortedSetRangeByScoreWithScoresAsync(
            _keys[(int)unit], now + (WindowOf(unit) * SharedBuckets.UnlistedUse), take: MostRead, order: Order.Descending))];
        if (_exchanges++ % ExchangesPerTrim == 0)
            others.AddRange(Units.SelectMany(unit => Trim(batch, unit, now)));
        batch.Execute();
        // All of them, so that none fails unobserved.
        await Task.WhenAll([.. others, .. scores, .. ranges]).WaitAsync(cancellation);
        return new StoreAnswer(ToTime(await clock), await ReadAsync(ranges), await Task.WhenAll(scores));
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is { IsCompletedSuccessfully: true } connection)
            await (await connection).DisposeAsync();
    }

    private static double WindowOf(RateUnit unit) => new RateLimit(1, unit).Window.TotalMicroseconds;

    private static double ToTime(RedisResult reply) => (double)reply[0] * 1_000_000 + (double)reply[1];

    private RedisKey KeyOf(LimitedToken token) => _keys[(int)token.Limit.Per];

    private static RedisValue MemberOf(LimitedToken token) => string.Create(CultureInfo.InvariantCulture, $"{token.TokenId}:{token.Limit.Requests}");

    private IEnumerable<Task> Trim(IBatch batch, RateUnit unit, double now) =>
    [
        batch.SortedSetRemoveRangeByScoreAsync(_keys[(int)unit], double.NegativeInfinity, now),
        batch.KeyExpireAsync(_keys[(int)unit], TimeSpan.FromMicroseconds(WindowOf(unit)) + TimeSpan.FromHours(1)),
    ];

    private static async Task<Dictionary<LimitedToken, double>> ReadAsync(Task<SortedSetEntry[]>[] ranges)
    {
        var used = new Dictionary<LimitedToken, double>();
        for (var i = 0; i < ranges.Length; i++)
            foreach (var entry in await ranges[i])
                if (((string?)entry.Element)?.Split(':') is [var id, var requests] && long.TryParse(id, CultureInfo.InvariantCulture, out var token)
                    && int.TryParse(requests, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= RateLimit.Most)
                    used[new LimitedToken(token, new RateLimit(number, Units[i]))] = entry.Score;
        return used;
    }

    /// <summary>Connects once. The connection then restores itself.</summary>
    private Task<ConnectionMultiplexer> ConnectAsync()
    {
        if (_connection is null or { IsFaulted: true } or { IsCanceled: true })
            _connection = ConnectionMultiplexer.ConnectAsync(configuration);
        return _connection;
    }
}
