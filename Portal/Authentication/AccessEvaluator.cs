using System.Net;
using Portal.Catalog;
using Portal.Data.Nodes;
using Portal.IpRules;
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
/// <param name="Credential">The token whose key was sent; null if the key is wrong, unknown or retired.</param>
/// <param name="SecretId">The secret of the token that was sent.</param>
/// <param name="Now">The time of the decision, in UTC.</param>
internal readonly record struct AccessDecision(Refusal? Refusal, Credential? Credential, long SecretId, DateTime Now)
{
    /// <summary>The key, if it may be a retired one. <see cref="RefusedKeys"/> finds out later.</summary>
    public RefusedKey Refused { get; init; }

    /// <summary>Whether the token and the address were accepted.</summary>
    public bool Admitted { get; init; }

    /// <summary>Null if the token has no limit, or if the request was refused before.</summary>
    public RateStatus? Rate { get; init; }
}

/// <summary>Decides whether requests may be sent, in the same way for requests through Portal and for those that a proxy asks about.</summary>
/// <remarks>The order of the checks is documented behavior: key, state of the token, address, module, rate, length, path. Keys with an unknown handle, a
/// wrong secret or a retired secret are refused by <see cref="KnownSecrets"/> alone, so that the time doesn't reveal which it is.</remarks>
public sealed class AccessEvaluator(
    KnownSecrets secrets, CredentialCache cache, AddressRulesCache addresses, RateLimits limits, VerificationMetrics metrics, NodeLease lease,
    DirectReads reads, TimeProvider clock)
{
    /// <summary>Decides by what is in memory.</summary>
    /// <returns>False if something must be read from the database first, see <see cref="EvaluateAsync"/>. Nothing has changed then.</returns>
    internal bool TryEvaluate(in AccessRequest request, out AccessDecision decision)
    {
        decision = default;
        // The lease before the memory, see NodeLease. A span lasts as long as the evaluation, including database reads.
        if (!lease.IsTrusted || VerificationTrace.IsWanted)
            return false;
        var key = SentKey.Read(request.Authorization);
        if (!MayBeUsable(key))
        {
            decision = RefuseAtOnce(request, key);
            return true;
        }

        if (!cache.TryGet(key.Handle, out var credential) || !addresses.TryGet(credential.AccountId, out var rules))
            return false;
        metrics.LookedUp(CacheLookup.Hit);
        decision = Decide(request, key, credential, rules);
        return true;
    }

    /// <summary>Decides, and reads from the database whatever isn't in memory.</summary>
    internal async ValueTask<AccessDecision> EvaluateAsync(AccessRequest request, CancellationToken cancellation)
    {
        using var span = VerificationTrace.IsWanted ? VerificationTrace.Begin(request.Owner.Module) : null;
        var (trusted, key) = (lease.IsTrusted, SentKey.Read(request.Authorization));
        var decision = !(trusted ? MayBeUsable(key) : key.IsKey) ? RefuseAtOnce(request, key)
            : await FindAsync(key.Handle, trusted, cancellation) is { } credential
                ? Decide(request, key, credential, await RulesOfAsync(credential, trusted, cancellation))
            : Refuse(request, default);
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
            if (await FindPresentAsync(request.Credential.Number, trusted, cancellation) is not { } present)
                return Refusals.Unauthorized;
            request.Credential = present;
        }

        var credential = request.Credential;
        var now = clock.GetUtcNow().UtcDateTime;
        var state = credential.StateOf(request.SecretId, now);
        if (state is SecretState.Wrong or SecretState.Retired)
            return Refusals.Unauthorized;
        if (credential.RefusalFor(state, now) is { } unusable)
            return unusable;
        var rules = await RulesOfAsync(credential, trusted, cancellation);
        return !rules.Allow(credential.TokenId, request.Address) ? Refusals.AddressNotAllowed(credential.Handle, request.Address)
            : request.Module is { } module && !credential.MayUse(module) ? Refusals.ModuleNotEnabled(credential.Handle, module)
            : request.Withdrawn?.Invoke();
    }

    private bool MayBeUsable(in SentKey key) => key.IsKey && secrets.MayBeUsable(key);

    /// <summary>Refuses a request without looking for its token. For each key, this must do the same.</summary>
    private AccessDecision RefuseAtOnce(in AccessRequest request, in SentKey key)
    {
        if (key.IsKey)
            metrics.LookedUp(CacheLookup.Unknown);
        return Refuse(request, new RefusedKey(key.Handle, key.Id));
    }

    /// <summary>Returns the same response for all clients without a valid key, and another one for clients that keep trying.</summary>
    private AccessDecision Refuse(in AccessRequest request, RefusedKey key)
    {
        var refusal = limits.TakeFailure(request.Address) is { Refused: true } status ? Refusals.TooManyFailures(request.Address, status) : Refusals.Unauthorized;
        return Judged(new AccessDecision(refusal, null, 0, Now) { Refused = key });
    }

    /// <param name="rules">The rules of the credential's account.</param>
    private AccessDecision Decide(in AccessRequest request, in SentKey key, Credential credential, AddressRules rules)
    {
        var now = Now;
        var match = credential.Match(key.Hash, now);
        if (match.State == SecretState.Wrong)
            return Refuse(request, default);
        if (match.State == SecretState.Retired)
        {
            secrets.Renew(key.Handle);
            return Refuse(request, new RefusedKey(key.Handle, key.Id));
        }

        return Judged(Decide(request, credential, match, rules, now));
    }

    private AccessDecision Decide(in AccessRequest request, Credential credential, SecretMatch match, AddressRules rules, DateTime now)
    {
        if ((credential.RefusalFor(match.State, now) ?? RefusalOf(request, credential, rules)) is { } unusable)
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

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    private AccessDecision Judged(in AccessDecision decision)
    {
        metrics.Judged(decision);
        return decision;
    }

    /// <param name="trusted">Whether the memory can be trusted.</param>
    private ValueTask<Credential?> FindAsync(int handle, bool trusted, CancellationToken cancellation)
    {
        if (trusted)
            metrics.LookedUp(cache.TryGet(handle, out _) ? CacheLookup.Hit : CacheLookup.Miss);
        return FindPresentAsync(handle, trusted, cancellation);
    }

    private ValueTask<Credential?> FindPresentAsync(int handle, bool trusted, CancellationToken cancellation) =>
        !trusted ? reads.RunAsync(limited => cache.ReadAsync(handle, limited), cancellation)
        : cache.TryGet(handle, out var known) ? new(known)
        : lease.IsShared ? reads.RunAsync(limited => cache.LoadAsync(handle, limited), cancellation)
        : cache.LoadAsync(handle, cancellation);

    private ValueTask<AddressRules> RulesOfAsync(Credential credential, bool trusted, CancellationToken cancellation) =>
        !trusted ? reads.RunAsync(limited => addresses.ReadAsync(credential.AccountId, limited), cancellation)
        : addresses.TryGet(credential.AccountId, out var known) ? new(known)
        : lease.IsShared ? reads.RunAsync(limited => addresses.GetAsync(credential.AccountId, limited), cancellation)
        : addresses.GetAsync(credential.AccountId, cancellation);
}
