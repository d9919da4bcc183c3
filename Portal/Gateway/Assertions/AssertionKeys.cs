namespace Portal.Gateway.Assertions;

/// <summary>The keys that assertions are signed with: made when first needed, replaced every <see cref="Lifetime"/>.</summary>
/// <remarks>A new key is published for <see cref="Overlap"/> before it signs, and an old one as long after its last
/// signature: an upstream may keep the published keys for that time.</remarks>
internal sealed class AssertionKeys(AssertionKeyFiles files, TimeProvider clock)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(30);
    public static readonly TimeSpan Overlap = TimeSpan.FromDays(1);

    /// <summary>How often it is looked whether a key is due.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    private readonly Lock _renewing = new();
    private volatile State? _state;

    /// <summary>The one to sign with now.</summary>
    public AssertionKey Current => Now().Signing;

    /// <summary>Those that upstreams must know, newest first.</summary>
    public IReadOnlyList<AssertionKey> Published => Now().All;

    private State Now()
    {
        var now = clock.GetUtcNow().UtcDateTime;
        return _state is { } state && now < state.LookAgainAt ? state : Renew(now);
    }

    private State Renew(DateTime now)
    {
        lock (_renewing)
        {
            if (_state is { } renewed && now < renewed.LookAgainAt)
                return renewed;
            var keys = (_state?.All ?? files.Read()).OrderByDescending(key => key.CreatedAt).ToList();
            if (keys.Count == 0 || keys[0].CreatedAt <= now - Lifetime + Overlap)
                keys.Insert(0, Make(now));
            // The newest that has been published long enough; the very first one has to do at once.
            var signing = keys.Find(key => key.CreatedAt <= now - Overlap) ?? keys[^1];
            foreach (var old in keys.Where(key => key.CreatedAt < signing.CreatedAt && signing.CreatedAt <= now - Overlap - Overlap).ToList())
            {
                files.Remove(old);
                keys.Remove(old);
            }

            return _state = new State(signing, keys, now + Interval);
        }
    }

    private AssertionKey Make(DateTime now)
    {
        var key = AssertionKey.Create(now);
        files.Write(key);
        return key;
    }

    private sealed record State(AssertionKey Signing, IReadOnlyList<AssertionKey> All, DateTime LookAgainAt);
}
