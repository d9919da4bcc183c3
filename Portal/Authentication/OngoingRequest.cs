using System.Net;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Portal.Wire;

namespace Portal.Authentication;

/// <summary>A request that is allowed and not completed yet. While it is served, it replaces the connection's lifetime feature: <see
/// cref="RequestAborted"/> is also canceled when the token may no longer send the request.</summary>
/// <remarks>A request that completes immediately costs little: the token source is created only on demand, and the object is reused for the
/// connection's next request if no code can hold a reference to it.</remarks>
internal sealed class OngoingRequest : ApiCaller, IHttpRequestLifetimeFeature
{
    /// <summary>The number of failed reviews after which the connection is aborted. Before that, the canceled work may still write its
    /// response.</summary>
    internal const int LastStep = 4;

    /// <summary>The key under which the connection keeps the object for its next request.</summary>
    private static readonly object Spare = new();

    private HttpContext _context = null!;
    private IHttpRequestLifetimeFeature _connection = null!;
    private CancellationTokenSource? _aborted;
    private CancellationTokenRegistration _connectionAborted;
    private CancellationToken? _replaced;
    private bool _isFree, _cancelled, _isInReview;
    private int _reviewsFailed;

    /// <param name="startTimestamp">The arrival of the request, as a timestamp of the clock.</param>
    public static OngoingRequest Begin(
        HttpContext context, long startTimestamp, IPAddress? address, in AccessDecision decision, in RequestTarget target, string authorization)
    {
        var request = Take(context);
        request.Begin(decision.Credential!, decision.SecretId, target, authorization);
        (request._isFree, request._context, request.StartTimestamp, request.Began) = (false, context, startTimestamp, decision.Now);
        request._connection = context.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
        // Read before the endpoint runs: it may continue in another thread, and a context isn't thread-safe.
        (request.Address, request.Client) = (address, RequestRecorder.ClientOf(context.Request));
        return request;
    }

    private static OngoingRequest Take(HttpContext context)
    {
        if (context.Features.Get<IPersistentStateFeature>() is not { State: var kept })
            return new OngoingRequest();
        if (kept.TryGetValue(Spare, out var spare) && spare is OngoingRequest { _isFree: true } free)
            return free;
        var request = new OngoingRequest();
        kept[Spare] = request;
        return request;
    }

    public long StartTimestamp { get; private set; }

    /// <summary>The time of the decision to serve the request, in UTC.</summary>
    public DateTime Began { get; private set; }

    /// <summary>The decision that admitted the request.</summary>
    public AccessDecision Decision => new(null, Credential, SecretId, Began) { Admitted = true };

    public IPAddress? Address { get; private set; }

    /// <summary>The user agent; null if the client sends none.</summary>
    public string? Client { get; private set; }

    /// <summary>The number of consecutive reviews without a result. Only <see cref="OngoingRequestMonitor"/> uses it.</summary>
    public int InconclusiveReviews { get; set; }

    /// <summary>Whether a review waits for the database. Only <see cref="OngoingRequestMonitor"/> uses it.</summary>
    public bool IsInReview
    {
        get => Volatile.Read(ref _isInReview);
        set => Volatile.Write(ref _isInReview, value);
    }

    /// <summary>The position in its part of <see cref="OngoingRequests"/>; -1 if it isn't in it.</summary>
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
    public void Attach() => _context.Features.Set<IHttpRequestLifetimeFeature>(this);

    /// <summary>Restores the lifetime of the connection.</summary>
    public void Detach()
    {
        _connectionAborted.Unregister();
        _context.Features.Set(_connection);
    }

    /// <summary>Lets the connection's next request reuse the object if this one completed immediately and no code asked for its
    /// cancellation.</summary>
    public void Release()
    {
        if (_aborted is not null || _replaced is not null)
            return;
        Forget();
        (_context, _connection, Address, Client, _isFree) = (null!, null!, null, null, true);
    }

    /// <summary>Ends the request step by step, one step for each review that it fails: first its work is cancelled, so that
    /// its endpoint can still respond; if it continues, its connection or stream is aborted.</summary>
    /// <remarks>Only for a registered request: afterwards, the context belongs to the next request.</remarks>
    /// <param name="refusal">The response, if none has started.</param>
    public void EndFor(Refusal refusal)
    {
        _reviewsFailed++;
        // A request to Portal's own API may have ended the key itself (a token that rotates its key). Its response must still be sent.
        var firstStep = IsForwarded ? 1 : 2;
        if (_reviewsFailed < firstStep)
            return;
        if (_reviewsFailed == firstStep)
            Cancel(refusal);
        else if (_context.Features.Get<IHttpResponseFeature>() is { HasStarted: true } || (IsForwarded && _reviewsFailed >= LastStep))
            _connection.Abort();
    }

    private void Cancel(Refusal refusal)
    {
        End(refusal);
        Volatile.Write(ref _cancelled, true);
        // On another thread, because the callbacks may run for a long time.
        _ = Volatile.Read(ref _aborted)?.CancelAsync();
    }

    private CancellationTokenSource Create()
    {
        // The source holds no timer and no handle, so it needs no disposal.
        var source = new CancellationTokenSource();
        if (Interlocked.CompareExchange(ref _aborted, source, null) is { } first)
            return first;
        _connectionAborted = _connection.RequestAborted.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), source);
        if (Volatile.Read(ref _cancelled))
            source.Cancel();
        return source;
    }
}
