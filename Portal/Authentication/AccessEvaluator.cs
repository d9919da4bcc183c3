using System.Net;
using Portal.Catalog;
using Portal.Data;
using Portal.Data.Nodes;
using Portal.IpRules;
using Portal.Tokens;
using Portal.Wire;

namespace Portal.Authentication;

/// <summary>The properties of a request that decide whether it may be sent.</summary>
/// <param name="Authorization">The value of the only header of that name; empty if there is none or there are several.</param>
/// <param name="Address">The client's address; null if unknown.</param>
/// <param name="Path">For error messages only.</param>
public readonly record struct AccessRequest(string Authorization, PathOwner Owner, IPAddress? Address, PathString Path)
{
    /// <summary>The length of path and query as sent; 0 if it is checked elsewhere.</summary>
    public int TargetLength { get; init; }

    /// <summary>The size of all headers; empty if it is checked elsewhere.</summary>
    internal HeaderSize Headers { get; init; }
}

/// <summary>Whether a request may be sent, and how it is counted.</summary>
/// <param name="Refusal">Null if it may be sent.</param>
/// <param name="Credential">The token whose key was sent, including a retired one; null if the key belongs to no token, so nothing is
/// counted.</param>
/// <param name="SecretId">The secret of the token that was sent.</param>
/// <param name="Now">The time of the decision, in UTC.</param>
internal readonly record struct AccessDecision(Refusal? Refusal, Credential? Credential, long SecretId, DateTime Now)
{
    /// <summary>Whether the key was valid once and has been replaced.</summary>
    public bool IsRetiredKey { get; init; }

    /// <summary>Whether the token and the address were accepted.</summary>
    public bool Admitted { get; init; }

    /// <summary>Null if the token has no limit, or if the request was refused before.</summary>
    public RateStatus? Rate { get; init; }
}

/// <summary>Decides whether requests may be sent, in the same way for requests through Portal and for those that a proxy asks about.</summary>
/// <remarks>The order of the checks is documented behavior: key, state of the token, address, module, rate, length, path.</remarks>
public sealed class AccessEvaluator(
    CredentialCache cache, AddressRulesCache addresses, RateLimits limits, VerificationMetrics metrics, NodeLease lease, TimeProvider clock)
{
    /// <summary>The longest time that a request waits for the database because it can't trust the memory.</summary>
    private static readonly TimeSpan LongestRead = TimeSpan.FromSeconds(3);

    /// <summary>Decides by what is in memory.</summary>
    /// <returns>False if something must be read from the database first, see <see cref="EvaluateAsync"/>. Nothing has changed then.</returns>
    internal bool TryEvaluate(in AccessRequest request, out AccessDecision decision)
    {
        decision = default;
        // The lease before the memory, see NodeLease. A span lasts as long as the evaluation, including database reads.
        if (!lease.IsTrusted || VerificationTrace.IsWanted)
            return false;
        var isKey = ApiKey.TryParse(request.Authorization, out var handle, out var secret);
        Credential? credential = null;
        AddressRules? rules = null;
        if (isKey && (!cache.TryGet(handle, out credential) || (credential is not null && !addresses.TryGet(credential.AccountId, out rules))))
            return false;
        if (isKey)
            metrics.LookedUp(known: true, credential);
        var now = clock.GetUtcNow().UtcDateTime;
        decision = Decide(request, credential, isKey ? Verify(handle, secret, credential, now) : default, rules, now);
        metrics.Judged(decision);
        return true;
    }

    /// <summary>Decides, and reads from the database whatever isn't in memory.</summary>
    internal async ValueTask<AccessDecision> EvaluateAsync(AccessRequest request, CancellationToken cancellation)
    {
        using var span = VerificationTrace.IsWanted ? VerificationTrace.Begin(request.Owner.Module) : null;
        var trusted = lease.IsTrusted;
        var credential = await FindAsync(request.Authorization, trusted, cancellation);
        var rules = credential is null ? null : await RulesOfAsync(credential, trusted, cancellation);
        var now = clock.GetUtcNow().UtcDateTime;
        var decision = Decide(request, credential, Verify(request.Authorization, credential, now), rules, now);
        metrics.Judged(decision);
        VerificationTrace.Conclude(span, decision);
        return decision;
    }

    /// <summary>Decides by the current state whether a request in progress may continue, in the same order. Doesn't count against its token's rate
    /// limit.</summary>
    /// <returns>Null if it may continue.</returns>
    internal async ValueTask<Refusal?> ReviewAsync(OngoingRequest request, CancellationToken cancellation)
    {
        var trusted = lease.IsTrusted;
        if (!trusted || !cache.IsCurrent(request.Credential))
        {
            if (await FindPresentAsync(request.Credential.Handle, trusted, cancellation) is not { } present)
                return Refusals.Unauthorized;
            request.Credential = present;
        }

        var credential = request.Credential;
        var state = credential.StateOf(request.SecretId, clock.GetUtcNow().UtcDateTime);
        if (state is SecretState.Wrong or SecretState.Retired)
            return Refusals.Unauthorized;
        if (credential.RefusalFor(state) is { } unusable)
            return unusable;
        var rules = await RulesOfAsync(credential, trusted, cancellation);
        return !rules.Allow(credential.TokenId, request.Address) ? Refusals.AddressNotAllowed(credential.Handle, request.Address)
            : request.Module is { } module && !credential.MayUse(module) ? Refusals.ModuleNotEnabled(credential.Handle, module)
            : request.Withdrawn?.Invoke();
    }

    /// <param name="rules">The rules of the credential's account.</param>
    private AccessDecision Decide(in AccessRequest request, Credential? credential, SecretMatch match, AddressRules? rules, DateTime now)
    {
        if (credential is null || match.State == SecretState.Wrong)
            return new AccessDecision(RefuseUnknownKey(request), null, 0, now);
        if (match.State == SecretState.Retired)
            return new AccessDecision(RefuseUnknownKey(request), credential, match.SecretId, now) { IsRetiredKey = true };
        if ((credential.RefusalFor(match.State) ?? RefusalOf(request, credential, rules!)) is { } unusable)
            return new AccessDecision(unusable, credential, match.SecretId, now);
        if (request.Owner.Module is { } module && !credential.MayUse(module))
            return new AccessDecision(Refusals.ModuleNotEnabled(credential.Handle, module), credential, match.SecretId, now) { Admitted = true };
        var rate = limits.Take(credential);
        var refusal = rate is { Refused: true } status ? Refusals.TooManyRequests(credential.Handle, status)
            : request.TargetLength > ServerLimits.LongestApiTarget ? Refusals.TargetTooLong(request.TargetLength)
            : request.Headers.IsTooLarge ? Refusals.HeadersTooLarge
            : request.Owner.Known ? null
            : Refusals.NothingAt(request.Path);
        return new AccessDecision(refusal, credential, match.SecretId, now) { Admitted = true, Rate = rate };
    }

    private static Refusal? RefusalOf(in AccessRequest request, Credential credential, AddressRules rules) =>
        rules.Allow(credential.TokenId, request.Address) ? null : Refusals.AddressNotAllowed(credential.Handle, request.Address);

    /// <summary>Returns the same response for all clients without a valid key, and another one for clients that keep trying.</summary>
    private Refusal RefuseUnknownKey(in AccessRequest request) =>
        limits.TakeFailure(request.Address) is { Refused: true } status ? Refusals.TooManyFailures(request.Address, status) : Refusals.Unauthorized;

    /// <param name="trusted">Whether the memory can be trusted.</param>
    private ValueTask<Credential?> FindAsync(string header, bool trusted, CancellationToken cancellation)
    {
        if (!ApiKey.TryParse(header, out var handle, out _))
            return default;
        if (!trusted)
            return ReadAsync(handle.ToString(), cancellation);
        var known = cache.TryGet(handle, out var credential);
        metrics.LookedUp(known, credential);
        return known ? new(credential) : cache.LoadAsync(handle.ToString(), cancellation);
    }

    private ValueTask<Credential?> FindPresentAsync(string handle, bool trusted, CancellationToken cancellation) =>
        !trusted ? ReadAsync(handle, cancellation)
        : cache.TryGet(handle, out var known) ? new(known)
        : cache.LoadAsync(handle, cancellation);

    private ValueTask<AddressRules> RulesOfAsync(Credential credential, bool trusted, CancellationToken cancellation) =>
        trusted ? addresses.GetAsync(credential.AccountId, cancellation) : LimitAsync(limited => addresses.ReadAsync(credential.AccountId, limited), cancellation);

    private ValueTask<Credential?> ReadAsync(string handle, CancellationToken cancellation) => LimitAsync(limited => cache.ReadAsync(handle, limited), cancellation);

    /// <summary>Doesn't let a request wait for a server that doesn't answer: the client can try another node.</summary>
    private static async ValueTask<T> LimitAsync<T>(Func<CancellationToken, ValueTask<T>> read, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(LongestRead);
        try
        {
            return await read(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new DatabaseSilentException();
        }
    }

    private static SecretMatch Verify(string header, Credential? credential, DateTime now) =>
        ApiKey.TryParse(header, out var handle, out var secret) ? Verify(handle, secret, credential, now) : default;

    /// <summary>Hashes and compares even if the handle is unknown, so that it takes the same time.</summary>
    private static SecretMatch Verify(ReadOnlySpan<char> handle, ReadOnlySpan<char> secret, Credential? credential, DateTime now)
    {
        Span<byte> hash = stackalloc byte[ApiKey.HashLength];
        ApiKey.ComputeHash(handle, secret, hash);
        return credential?.Match(hash, now) ?? Credential.MatchUnknownHandle(hash);
    }
}
