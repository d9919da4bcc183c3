using System.Net;
using Portal.Statistics;

namespace Portal.Tests.Statistics;

/// <summary>Each kind of waiting detail has its own limit, for new tokens and for those that are already waiting.</summary>
public sealed class WaitingCountsTests
{
    private const int Tokens = 200;

    private static readonly DateTime At = new(2030, 1, 15, 12, 0, 0, DateTimeKind.Utc);
    private readonly RequestCounters _counters = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Add_LastRequestsOfManyTokens_AreBounded(bool known)
    {
        var batch = new CountBatch { MostRecentBytes = 20_000 };
        CountEach(batch, known);
        for (var token = 1; token <= Tokens; token++)
            Count(token, path: "/" + new string('x', 500));
        _counters.TakeInto(batch);

        Assert.InRange(batch.Tokens.Sum(token => token.Recent?.Bytes ?? 0), 1, 22_000);
        Assert.InRange(batch.Dropped, Tokens / 2, Tokens);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Add_TimesOfManyTokens_AreBounded(bool known)
    {
        var batch = new CountBatch { MostEntries = 50 };
        CountEach(batch, known);
        for (var i = 0; i < 3 * Tokens; i++)
            Count(1 + i % Tokens, path: "/", took: TimeSpan.FromMilliseconds(Math.Pow(10, i / Tokens)));
        _counters.TakeInto(batch);

        Assert.InRange(batch.Tokens.Sum(token => token.Times), 1, 50);
    }

    [Fact]
    public void Add_ModulesOfManyTokens_AreBounded()
    {
        var batch = new CountBatch { MostEntries = 50 };
        for (var i = 0; i < 3 * Tokens; i++)
            Count(1 + i % Tokens, module: $"MD-{i / Tokens:0000}");
        _counters.TakeInto(batch);

        Assert.InRange(batch.Tokens.Sum(token => token.Kinds), Tokens, Tokens + 50);
        Assert.Equal(3 * Tokens, batch.Requests);
    }

    [Fact]
    public void Add_MoreTokensThanHaveDetails_CountsTheOthersOnly()
    {
        var batch = new CountBatch();
        for (var token = 1; token <= CountBatch.MostInDetail + Tokens; token++)
            Count(token, path: "/");
        _counters.TakeInto(batch);

        Assert.Equal(CountBatch.MostInDetail, batch.Tokens.Count(token => token.Recent is not null));
        Assert.Equal(CountBatch.MostInDetail + Tokens, batch.Requests);

        // The counters collect no more details until there is room again.
        Count(CountBatch.MostInDetail * 2, path: "/");
        var first = batch.Find(1)!;
        _counters.TakeInto(batch);
        Assert.Null(batch.Find(CountBatch.MostInDetail * 2)!.Recent);
        for (var token = 1; token <= 2 * Tokens; token++)
            batch.Remove(batch.Find(token)!);
        _counters.TakeInto(batch);
        Count(1, path: "/");
        _counters.TakeInto(batch);
        Assert.NotSame(first, batch.Find(1));
        Assert.NotNull(batch.Find(1)!.Recent);
    }

    [Fact]
    public void Add_KindsOfManyTokensOfOneEach_AreBounded()
    {
        var batch = new CountBatch { MostEntries = 50 };
        for (var token = 1; token <= Tokens; token++)
            Count(token);
        _counters.TakeInto(batch);

        Assert.Equal(50, batch.Tokens.Count(token => token.Counts.Single().Key.ModuleId.Length > 0));
        Assert.Equal((Tokens, Tokens - 50), (batch.Requests, batch.Dropped));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Add_AddressesOfManyTokens_AreBounded(int takes)
    {
        var batch = new CountBatch();
        for (var i = 0; i < 2 * RequestCounters.MostSeen; i++)
        {
            // Different tokens in each round, or the same ones.
            Count(takes == 1 ? i : i % 4_000, address: new IPAddress([10, 1, (byte)(i >> 8), (byte)i]));
            if (i % 4_000 == 3_999)
                _counters.TakeInto(batch);
        }

        _counters.TakeInto(batch);
        Assert.Equal(RequestCounters.MostSeen, batch.Tokens.Sum(token => token.Addresses));
    }

    [Fact]
    public void See_AddressesWhileNobodyTakesThemAway_AreBounded()
    {
        var shard = new RequestCounters.Shard();
        for (var i = 1; i <= 2 * RequestCounters.MostSeen; i++)
            shard.See(shard.Of(1), new SeenKey(1, DateOnly.FromDateTime(At), (UInt128)i));

        Assert.Equal(RequestCounters.MostSeen, shard.Of(1).Addresses);
    }

    [Fact]
    public void Count_NameOfAClient_IsCut()
    {
        var batch = new CountBatch();
        Count(1, client: new string('x', 30_000));
        _counters.TakeInto(batch);

        Assert.Equal(4 * RecentRequest.LongestClient, Assert.Single(batch.Tokens.Single().Uses).Client!.Length);
    }

    [Fact]
    public void Tokens_OneThatCouldNotBeWritten_ComesLast()
    {
        var batch = new CountBatch();
        Count(1);
        Count(2);
        _counters.TakeInto(batch);
        batch.Find(1)!.Refused = 1;

        Assert.Equal([2, 1], batch.InOrder().Select(token => token.TokenId));
    }

    private void CountEach(CountBatch batch, bool wanted)
    {
        for (var token = 1; token <= (wanted ? Tokens : 0); token++)
            Count(token);
        _counters.TakeInto(batch);
    }

    private void Count(long tokenId, string module = "MD-0002", string? path = null, TimeSpan? took = null, IPAddress? address = null, string? client = null) => _counters.Count(
        new CountKey(tokenId, DateOnly.FromDateTime(At), module, 200, ""), new Use(1, At, address, module, client),
        served: path is null ? default : new ServedRequest("GET", path, took ?? TimeSpan.FromMilliseconds(3)));
}
