using System.Net;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Portal.Wire;

namespace Portal.Authentication;

/// <summary>A request that may be served and is not answered yet. While it is served, it stands in for the connection's
/// lifetime: <see cref="RequestAborted"/> also fires when the token may no longer send the request.</summary>
/// <remarks>A request that is answered at once pays for little: the token source is created only for code that asks for it, and the object
/// is used again for the next request of the connection if nobody can have kept it.</remarks>
internal sealed class OngoingRequest : ApiCaller, IHttpRequestLifetimeFeature
{
    /// <summary>After this many failed reviews, the connection is aborted. Before, the canceled work may still write its response.</summary>
    internal const int LastStep = 4;

    /// <summary>Where the connection keeps the object for its next request.</summary>
    private static readonly object Spare = new();

    private HttpContext _context = null!;
    private IHttpRequestLifetimeFeature _connection = null!;
    private CancellationTokenSource? _aborted;
    private CancellationTokenRegistration _connectionAborted;
    private CancellationToken? _replaced;
    private bool _isFree, _cancelled, _isInReview;
    private int _reviewsFailed;

    /// <param name="startTimestamp">When the request came, by the clock's timer.</param>
    public static OngoingRequest Begin(
        HttpContext context, long startTimestamp, IPAddress? address, in AccessDecision decision, in RequestTarget target, string authorization)
    {
        var request = Take(context);
        request.Begin(decision.Credential!, decision.SecretId, target, authorization);
        (request._isFree, request._context, request.StartTimestamp, request.Began) = (false, context, startTimestamp, decision.Now);
        request._connection = context.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
        // Read before the endpoint runs: it may go on in another thread, and a context is not for two.
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

    /// <summary>When it was decided that it may be served, UTC.</summary>
    public DateTime Began { get; private set; }

    /// <summary>The decision that admitted the request.</summary>
    public AccessDecision Decision => new(null, Credential, SecretId, Began) { Admitted = true };

    public IPAddress? Address { get; private set; }

    /// <summary>The user agent; null if the client sends none.</summary>
    public string? Client { get; private set; }

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
    public void Attach() => _context.Features.Set<IHttpRequestLifetimeFeature>(this);

    /// <summary>Restores the lifetime of the connection.</summary>
    public void Detach()
    {
        _connectionAborted.Unregister();
        _context.Features.Set(_connection);
    }

    /// <summary>Lets the connection's next request use the object, if this one was answered at once and nobody asked for its end.</summary>
    public void Release()
    {
        if (_aborted is not null || _replaced is not null)
            return;
        Forget();
        (_context, _connection, Address, Client, _isFree) = (null!, null!, null, null, true);
    }

    /// <summary>Ends the request step by step, one step for each review that it fails: first its work is cancelled, so that
    /// its endpoint can still respond; if it continues, its connection or stream is aborted.</summary>
    /// <remarks>Only for a request that is registered: afterwards, the context belongs to the next request.</remarks>
    /// <param name="refusal">The response, if none has started.</param>
    public void EndFor(Refusal refusal)
    {
        _reviewsFailed++;
        // A request to Portal's own API may be what ended the key (a token that rotates itself), and then its answer counts.
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
