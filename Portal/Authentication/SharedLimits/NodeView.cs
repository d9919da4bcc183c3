namespace Portal.Authentication.SharedLimits;

/// <summary>What a node knows at one moment, and what it may admit because of that.</summary>
/// <param name="Nodes">The number of live nodes.</param>
/// <param name="Timestamp">The present, by the node's timer.</param>
/// <param name="IsConnected">Whether the last exchange is recent.</param>
/// <param name="Seed">Different for each node, so that they don't round in the same direction.</param>
internal readonly record struct NodeView(int Nodes, StoreKnowledge? Known, TimeProvider Clock, long Timestamp, bool IsConnected, ulong Seed)
{
    /// <summary>The part of what is left in a bucket that all nodes together may admit between two exchanges, see <see cref="SharedBuckets"/>.</summary>
    private const double Caution = 1.0 / 3;

    /// <summary>The same for a bucket of which little is used, as a part of the limit.</summary>
    private const double CautionWhileUnlisted = 1.0 / 2;

    public long Round => Known?.Round ?? -1;

    public long KnownAt => Known?.Timestamp ?? 0;

    /// <summary>The time of the store, in microseconds; 0 if it is unknown.</summary>
    public double Now => Known is null ? 0 : Known.Time + Elapsed(Known.Timestamp).TotalMicroseconds;

    public TimeSpan Elapsed(long since) => Clock.GetElapsedTime(since, Timestamp);

    /// <summary>This node's share of the limit: what it may admit without the store. At least one request, so that no token is locked out.</summary>
    public double ShareOf(LimitedToken token) => Math.Max(1, (double)token.Limit.Requests / Nodes);

    /// <summary>The number of requests that are left in the bucket, if no node has admitted any since the last exchange; negative if too many were admitted.</summary>
    public double LevelOf(SharedBucket bucket) => LevelAt(Now, bucket);

    /// <summary>The number of requests that this node may admit from one exchange to the next.</summary>
    public double AllowanceOf(SharedBucket bucket)
    {
        if (Known is null)
            return ShareOf(bucket.Token);
        var level = LevelAt(Known.Time, bucket);
        if (Nodes == 1)
            return level;
        if (!Known.Used.ContainsKey(bucket.Token))
            return Math.Max(1, bucket.Token.Limit.Requests * CautionWhileUnlisted / Nodes);
        var allowance = level * Caution / Nodes;
        // Rounding down would leave the rest unused. Rounding up on all nodes would admit too many. So each exchange lets some nodes admit one.
        return allowance >= 1 ? allowance : level >= 1 && Chance(bucket.Token.TokenId) < allowance ? 1 : Math.Min(0, level);
    }

    private double LevelAt(double time, SharedBucket bucket)
    {
        var fullAt = Known is { } known && known.Used.TryGetValue(bucket.Token, out var listed) ? listed : bucket.FullAt;
        return bucket.Token.Limit.Requests - (Math.Max(0, fullAt - time) / bucket.Token.Step);
    }

    /// <summary>A number from 0 to 1 that is the same until the next exchange.</summary>
    private double Chance(long tokenId)
    {
        var mixed = unchecked(Seed + ((ulong)Round * 0x9E3779B97F4A7C15) + ((ulong)tokenId * 0xC2B2AE3D27D4EB4F));
        mixed = unchecked((mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9);
        mixed = unchecked((mixed ^ mixed >> 27) * 0x94D049BB133111EB);
        return ((mixed ^ mixed >> 31) >> 11) * (1.0 / (1UL << 53));
    }
}
