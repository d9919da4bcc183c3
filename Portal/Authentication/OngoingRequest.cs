using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Portal.Wire;

namespace Portal.Authentication;

/// <summary>A request that may be served and is not answered yet. While it is served, it stands in for the connection's
/// lifetime: <see cref="RequestAborted"/> also fires when the token may no longer send the request.</summary>
/// <remarks>The token source is created only for code that asks for it, so that a request that is answered at once does not pay for it.</remarks>
/// <param name="startTimestamp">When it came, by the clock's timer.</param>
internal sealed class OngoingRequest(HttpContext context, long startTimestamp, in AccessDecision decision, in RequestTarget target, string authorization)
    : ApiCaller(decision.Credential!, decision.SecretId, target, authorization), IHttpRequestLifetimeFeature
{
    /// <summary>Until then, the work that was cancelled may conclude with an answer.</summary>
    internal const int LastStep = 4;

    private readonly IHttpRequestLifetimeFeature _connection = context.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
    private CancellationTokenSource? _aborted;
    private CancellationTokenRegistration _connectionAborted;
    private CancellationToken? _replaced;
    private bool _cancelled, _isInReview;
    private int _reviewsFailed;

    public long StartTimestamp => startTimestamp;

    /// <summary>When it was decided that it may be served, UTC.</summary>
    public DateTime Began { get; } = decision.Now;

    /// <summary>By which it is served.</summary>
    public AccessDecision Decision => new(null, Credential, SecretId, Began) { Admitted = true };

    public IPAddress? Address { get; } = context.Connection.RemoteIpAddress;

    /// <summary>What the client calls itself; null: nothing.</summary>
    public string? Client { get; set; }

    /// <summary>Reviews in a row that could not tell whether it may go on. For <see cref="OngoingRequestMonitor"/> alone.</summary>
    public int ReviewsInDoubt { get; set; }

    /// <summary>Whether a review waits for the database. For <see cref="OngoingRequestMonitor"/> alone.</summary>
    public bool IsInReview
    {
        get => Volatile.Read(ref _isInReview);
        set => Volatile.Write(ref _isInReview, value);
    }

    /// <summary>Where it is in its part of <see cref="OngoingRequests"/>; -1: not there.</summary>
    public int Index { get; set; } = -1;

    /// <summary>The part of <see cref="OngoingRequests"/> that holds it.</summary>
    public int Shard { get; set; }

    public CancellationToken RequestAborted
    {
        get => _replaced ?? (_aborted ?? Create()).Token;
        set => _replaced = value;
    }

    public void Abort() => _connection.Abort();

    /// <summary>Replaces the lifetime of the connection.</summary>
    public void Attach() => context.Features.Set<IHttpRequestLifetimeFeature>(this);

    /// <summary>Restores the lifetime of the connection.</summary>
    public void Detach()
    {
        _connectionAborted.Unregister();
        context.Features.Set(_connection);
    }

    /// <summary>Ends the request step by step, one step for each review that it fails: first its work is cancelled, so that
    /// whoever serves it can still answer; if it goes on, its connection or stream is aborted.</summary>
    /// <remarks>Only for a request that is registered: afterwards, the context belongs to the next request.</remarks>
    /// <param name="refusal">What the client is told if the response has not begun.</param>
    public void EndFor(Refusal refusal)
    {
        _reviewsFailed++;
        // A request to Portal's own API may be what ended the key (a token that rotates itself), and then its answer counts.
        var firstStep = IsForwarded ? 1 : 2;
        if (_reviewsFailed < firstStep)
            return;
        if (_reviewsFailed == firstStep)
            Cancel(refusal);
        else if (context.Features.Get<IHttpResponseFeature>() is { HasStarted: true } || (IsForwarded && _reviewsFailed >= LastStep))
            _connection.Abort();
    }

    private void Cancel(Refusal refusal)
    {
        End(refusal);
        Volatile.Write(ref _cancelled, true);
        // On another thread: what it wakes up may go on for long.
        _ = Volatile.Read(ref _aborted)?.CancelAsync();
    }

    private CancellationTokenSource Create()
    {
        // Holds no timer and no handle, and so needs no disposal.
        var source = new CancellationTokenSource();
        if (Interlocked.CompareExchange(ref _aborted, source, null) is { } first)
            return first;
        _connectionAborted = _connection.RequestAborted.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), source);
        if (Volatile.Read(ref _cancelled))
            source.Cancel();
        return source;
    }
}
