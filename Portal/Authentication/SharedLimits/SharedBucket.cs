namespace Portal.Authentication.SharedLimits;

/// <summary>A node's view of the bucket of one token. Callers hold its lock.</summary>
internal sealed class SharedBucket(LimitedToken token)
{
    private double _available;
    private long _accruedAt;
    private int _unsent;

    /// <summary>The exchange that <see cref="_available"/> is from; -1: there was none yet.</summary>
    private long _round = long.MinValue;

    public LimitedToken Token { get; } = token;

    /// <summary>Whether the bucket is no longer in the dictionary. A request that has found it must look again.</summary>
    public bool IsRemoved { get; set; }

    /// <summary>The time at which the bucket is full again, as this node last read it; 0: unknown.</summary>
    public double FullAt { get; set; }

    /// <summary>Takes one request.</summary>
    /// <param name="isFirst">Whether this is the first one since the node last told the store.</param>
    public RateStatus Take(in NodeView view, out bool isFirst)
    {
        Update(view);
        var limit = Token.Limit;
        isFirst = false;
        if (_available < 1)
            return new RateStatus(limit, 0, view.IsConnected ? WaitInStore(view) : TimeSpan.FromMicroseconds((1 - _available) * Token.Step * view.Nodes), Refused: true);
        _available--;
        isFirst = _unsent++ == 0;
        var left = view.IsConnected ? Math.Max(_available, view.LevelOf(this) - _unsent) : _available;
        return new RateStatus(limit, (int)Math.Clamp(left, 0, limit.Requests - 1), TimeSpan.Zero);
    }

    /// <summary>Takes what the store must be told.</summary>
    public int Drain(in NodeView view)
    {
        Update(view);
        var unsent = _unsent;
        _unsent = 0;
        return unsent;
    }

    /// <summary>Whether a new bucket would be the same.</summary>
    public bool IsIdle(in NodeView view)
    {
        Update(view);
        // The store must still be told of unsent requests.
        return _unsent == 0 && (view.IsConnected ? FullAt <= view.Now : _available >= view.ShareOf(Token));
    }

    /// <summary>Adds what the node's share has gained since the last time, and applies a new exchange.</summary>
    private void Update(in NodeView view)
    {
        var isNew = _round == long.MinValue;
        if (!isNew)
            Accrue(view, _accruedAt);
        if (_round < view.Round)
        {
            // What this node's share has gained back since isn't owed to the store any more. This matters after the store was away for long.
            if (!isNew)
                _unsent = (int)Math.Min(_unsent, Math.Ceiling(Math.Max(0, view.ShareOf(Token) - _available)));
            _available = view.AllowanceOf(this) - _unsent;
            _round = view.Round;
            if (view.Round >= 0)
                Accrue(view, view.KnownAt);
        }

        _accruedAt = Math.Max(_accruedAt, view.Timestamp);
    }

    private void Accrue(in NodeView view, long since)
    {
        var gained = view.Elapsed(since).TotalMicroseconds / (Token.Step * view.Nodes);
        var share = view.ShareOf(Token);
        if (gained > 0 && _available < share)
            _available = Math.Min(share, _available + gained);
    }

    /// <summary>The time until the bucket has a request again. If it has one that another node may take, the client can try again immediately.</summary>
    private TimeSpan WaitInStore(in NodeView view) => TimeSpan.FromMicroseconds(Math.Max(0, 1 - view.LevelOf(this)) * Token.Step);
}
