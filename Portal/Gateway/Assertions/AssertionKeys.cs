using System.Data.Common;
using System.Security.Cryptography;
using Portal.Data;

namespace Portal.Gateway.Assertions;

/// <summary>The keys that sign assertions. A key is created when it is first needed and replaced every <see cref="Lifetime"/>.</summary>
/// <remarks>A new key is published for <see cref="Overlap"/> before it signs, and an old one for as long after its last signature, because upstreams
/// may cache the published keys for that time. While a new key can't be stored, the current one continues to sign.</remarks>
internal sealed partial class AssertionKeys(AssertionKeyStore store, MonotonicClock clock, ILogger<AssertionKeys> logger)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(30);
    public static readonly TimeSpan Overlap = TimeSpan.FromDays(1);

    /// <summary>The time between checks whether a new key is due.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>The time before the first retry after a failure. It doubles before each further retry, up to <see cref="Interval"/>.</summary>
    internal static readonly TimeSpan FirstRetry = TimeSpan.FromMinutes(1);

    private readonly Lock _renewing = new();
    private volatile State? _state;
    private int _failures;

    /// <summary>The key that signs now.</summary>
    public AssertionKey Current => Now().Signing;

    /// <summary>The keys that upstreams must know, newest first.</summary>
    public IReadOnlyList<AssertionKey> Published => Now().All;

    /// <summary>Whether the last attempt to renew the keys failed.</summary>
    public bool IsFailing => Volatile.Read(ref _failures) > 0;

    /// <summary>Detects at startup, rather than at the first request, that there is no key and none can be created.</summary>
    /// <exception cref="DataDirectoryException">The keys can't be stored; the message says what to do.</exception>
    public void EnsureUsable()
    {
        lock (_renewing)
        {
            Renew(clock.GetTrustedUtcNow().UtcDateTime);
            if (_state is { Signing.IsStored: false })
                throw new DataDirectoryException(store.Advice);
        }
    }

    /// <remarks>Uses the trusted time: a clock that is wrong for an hour must not replace the keys.</remarks>
    private State Now()
    {
        var now = clock.GetTrustedUtcNow().UtcDateTime;
        if (_state is { } state && now < state.LookAgainAt)
            return state;
        var old = _state;
        if (old is null)
            _renewing.Enter();
        else if (!_renewing.TryEnter())
            // Another request is renewing it, and may wait for a disk. Until then the old state is good.
            return old;
        try
        {
            return _state is { } renewed && now < renewed.LookAgainAt ? renewed : Renew(now);
        }
        finally
        {
            _renewing.Exit();
        }
    }

    private State Renew(DateTime now)
    {
        var keys = new List<AssertionKey>();
        Exception? failure = null;
        try
        {
            store.RunAlone(() =>
            {
                // Another node may have added a key. Those in memory are kept even if they can't be read any more.
                keys.AddRange((_state?.All ?? []).Concat(store.Read()).DistinctBy(key => key.Id).OrderByDescending(key => key.CreatedAt));
                AddWhenDue(keys, now);
            });
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException or DbException)
        {
            failure = exception;
            keys = [.. _state?.All ?? []];
        }

        // If there is none, create one in memory: it is published like the others, and stored as soon as possible.
        if (keys.Count == 0)
            keys.Add(AssertionKey.Create(now));
        // The newest key that has been published for long enough; the very first key signs immediately.
        var signing = keys.Find(key => key.CreatedAt <= now - Overlap) ?? keys[^1];
        foreach (var old in keys.Where(key => key.CreatedAt < signing.CreatedAt && signing.CreatedAt <= now - Overlap - Overlap).ToList())
        {
            failure = TryRemove(old) ?? failure;
            keys.Remove(old);
        }

        return _state = new State(signing, keys, now + PauseAfter(failure));
    }

    /// <summary>Adds a new key before the newest one is too old, and stores a key that couldn't be stored before.</summary>
    private void AddWhenDue(List<AssertionKey> keys, DateTime now)
    {
        foreach (var unstored in keys.Where(key => !key.IsStored))
            store.Write(unstored);
        if (keys.Count > 0 && keys[0].CreatedAt > now - Lifetime + Overlap)
            return;
        var key = AssertionKey.Create(now);
        store.Write(key);
        keys.Insert(0, key);
    }

    /// <summary>Removes the stored key. If that fails, it is removed later.</summary>
    private Exception? TryRemove(AssertionKey old)
    {
        try
        {
            store.Remove(old);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or DbException)
        {
            return exception;
        }
    }

    private TimeSpan PauseAfter(Exception? failure)
    {
        if (failure is null)
        {
            if (_failures > 0)
                LogRecovered();
            _failures = 0;
            return Interval;
        }

        // Logged once, not at every attempt.
        if (_failures == 0)
            LogFailed(failure, store.Advice);
        var pause = FirstRetry * Math.Pow(2, Math.Min(_failures, 10));
        _failures++;
        return pause < Interval ? pause : Interval;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "The key that signs assertions could not be renewed. Portal keeps using the current key and retries. {Advice}")]
    private partial void LogFailed(Exception exception, string advice);

    [LoggerMessage(Level = LogLevel.Information, Message = "The keys that sign assertions can be renewed again")]
    private partial void LogRecovered();

    private sealed record State(AssertionKey Signing, IReadOnlyList<AssertionKey> All, DateTime LookAgainAt);
}
