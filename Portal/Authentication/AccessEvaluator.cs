using System.Net;
using Portal.Catalog;
using Portal.IpRules;
using Portal.Tokens;
using Portal.Wire;

namespace Portal.Authentication;

/// <summary>A request as far as it matters for whether it may pass.</summary>
/// <param name="Authorization">The value of the one header of that name; empty: there is none, or several.</param>
/// <param name="Address">Where it came from; null: unknown.</param>
/// <param name="Path">For words only.</param>
public readonly record struct AccessRequest(string Authorization, PathOwner Owner, IPAddress? Address, PathString Path)
{
    /// <summary>Of path and query as sent; 0: it was measured elsewhere.</summary>
    public int TargetLength { get; init; }

    /// <summary>Of all headers; empty: they were measured elsewhere.</summary>
    internal HeaderSize Headers { get; init; }
}

/// <summary>Whether a request may pass, and what it is counted as.</summary>
/// <param name="Refusal">Null: it may pass.</param>
/// <param name="Credential">The token whose key was sent, also a retired one; null: no key of any token, nothing to count.</param>
/// <param name="SecretId">Which of the token's secrets was sent.</param>
/// <param name="Now">When it was judged, UTC.</param>
internal readonly record struct AccessDecision(Refusal? Refusal, Credential? Credential, long SecretId, DateTime Now)
{
    /// <summary>Right once, replaced since.</summary>
    public bool IsRetiredKey { get; init; }

    /// <summary>Whether token and address were good.</summary>
    public bool Admitted { get; init; }

    /// <summary>Null: the token has no limit, or it did not come to that.</summary>
    public RateStatus? Rate { get; init; }
}

/// <summary>Judges requests: the same for those that come through Portal and those that a proxy asks about.</summary>
/// <remarks>The order of the checks is part of the product: key, token's state, address, module, rate, length, path.</remarks>
public sealed class AccessEvaluator(
    CredentialCache cache, AddressRulesCache addresses, RateLimits limits, VerificationMetrics metrics, TimeProvider clock)
{
    internal async ValueTask<AccessDecision> EvaluateAsync(AccessRequest approach, CancellationToken cancellation)
    {
        using var span = VerificationTrace.IsWanted ? VerificationTrace.Begin(approach.Owner.Module) : null;
        var decision = await DecideAsync(approach, cancellation);
        metrics.Judged(decision);
        VerificationTrace.Conclude(span, decision);
        return decision;
    }

    /// <summary>Judges a request in progress by what is true now, in the same order. Takes nothing from its token's rate.</summary>
    /// <returns>Null: it may go on.</returns>
    internal async ValueTask<Refusal?> ReviewAsync(OngoingRequest request, CancellationToken cancellation)
    {
        if (!cache.IsCurrent(request.Credential))
        {
            var handle = request.Credential.Handle;
            if ((cache.TryGet(handle, out var changed) ? changed : await cache.LoadAsync(handle, cancellation)) is not { } present)
                return Refusals.Unauthorized;
            request.Credential = present;
        }

        var (credential, caller) = (request.Credential, request.Caller);
        var state = credential.StateOf(request.SecretId, clock.GetUtcNow().UtcDateTime);
        if (state is SecretState.Wrong or SecretState.Retired)
            return Refusals.Unauthorized;
        if (credential.RefusalFor(state) is { } unusable)
            return unusable;
        var rules = await addresses.GetAsync(credential.AccountId, cancellation);
        return !rules.Allow(credential.TokenId, request.Address) ? Refusals.AddressNotAllowed(credential.Handle, request.Address)
            : caller.Module is { } module && !credential.MayUse(module) ? Refusals.ModuleNotEnabled(credential.Handle, module)
            : caller.Withdrawn?.Invoke();
    }

    private async ValueTask<AccessDecision> DecideAsync(AccessRequest approach, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var credential = await FindAsync(approach.Authorization, cancellation);
        var match = Verify(approach.Authorization, credential, now);
        if (credential is null || match.State == SecretState.Wrong)
            return new AccessDecision(Stranger(approach), null, 0, now);
        if (match.State == SecretState.Retired)
            return new AccessDecision(Stranger(approach), credential, match.SecretId, now) { IsRetiredKey = true };

        var rules = await addresses.GetAsync(credential.AccountId, cancellation);
        return Judge(approach, credential, match, rules, now);
    }

    private AccessDecision Judge(in AccessRequest approach, Credential credential, SecretMatch match, AddressRules rules, DateTime now)
    {
        AccessDecision Refuse(Refusal refusal) => new(refusal, credential, match.SecretId, now);
        if (credential.RefusalFor(match.State) is { } unusable)
            return Refuse(unusable);
        if (!rules.Allow(credential.TokenId, approach.Address))
            return Refuse(Refusals.AddressNotAllowed(credential.Handle, approach.Address));
        if (approach.Owner.Module is { } module && !credential.MayUse(module))
            return Refuse(Refusals.ModuleNotEnabled(credential.Handle, module)) with { Admitted = true };
        var rate = limits.Take(credential);
        var refusal = rate is { Refused: true } status ? Refusals.TooManyRequests(credential.Handle, status)
            : approach.TargetLength > ServerLimits.LongestApiTarget ? Refusals.TargetTooLong(approach.TargetLength)
            : approach.Headers.IsTooLarge ? Refusals.HeadersTooLarge
            : approach.Owner.Known ? null
            : Refusals.NothingAt(approach.Path);
        return new AccessDecision(refusal, credential, match.SecretId, now) { Admitted = true, Rate = rate };
    }

    /// <summary>One answer for all who come without a right key; and another for those who keep on trying.</summary>
    private Refusal Stranger(in AccessRequest approach) =>
        limits.TakeFailure(approach.Address) is { Refused: true } status ? Refusals.TooManyFailures(approach.Address, status) : Refusals.Unauthorized;

    private ValueTask<Credential?> FindAsync(string header, CancellationToken cancellation)
    {
        if (!ApiKey.TryParse(header, out var handle, out _))
            return default;
        var known = cache.TryGet(handle, out var credential);
        metrics.LookedUp(known, credential);
        return known ? new(credential) : cache.LoadAsync(handle.ToString(), cancellation);
    }

    /// <summary>Hashes and compares even when there is nothing to compare with: an unknown handle takes as long.</summary>
    private static SecretMatch Verify(string header, Credential? credential, DateTime now)
    {
        if (!ApiKey.TryParse(header, out var handle, out var secret))
            return default;
        Span<byte> hash = stackalloc byte[ApiKey.HashLength];
        ApiKey.ComputeHash(handle, secret, hash);
        return credential?.Match(hash, now) ?? Credential.MatchNobody(hash);
    }
}
