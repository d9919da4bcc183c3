using System.Net;
using Portal.Catalog;
using Portal.IpRules;
using Portal.Tokens;
using Portal.Wire;

namespace Portal.Authentication;

/// <summary>A request, as far as it matters for whether it may be sent.</summary>
/// <param name="Authorization">The value of the one header of that name; empty: there is none, or several.</param>
/// <param name="Address">Where it came from; null: unknown.</param>
/// <param name="Path">For error messages only.</param>
public readonly record struct AccessRequest(string Authorization, PathOwner Owner, IPAddress? Address, PathString Path)
{
    /// <summary>The length of path and query as sent; 0 if it is checked elsewhere.</summary>
    public int TargetLength { get; init; }

    /// <summary>The size of all headers; empty if it is checked elsewhere.</summary>
    internal HeaderSize Headers { get; init; }
}

/// <summary>Whether a request may be sent, and what it is counted as.</summary>
/// <param name="Refusal">Null: it may.</param>
/// <param name="Credential">The token whose key was sent, also a retired one; null: no key of any token, nothing to count.</param>
/// <param name="SecretId">Which of the token's secrets was sent.</param>
/// <param name="Now">When it was decided, UTC.</param>
internal readonly record struct AccessDecision(Refusal? Refusal, Credential? Credential, long SecretId, DateTime Now)
{
    /// <summary>The key was valid once and was replaced since.</summary>
    public bool IsRetiredKey { get; init; }

    /// <summary>Whether token and address were good.</summary>
    public bool Admitted { get; init; }

    /// <summary>Null: the token has no limit, or the request was refused before.</summary>
    public RateStatus? Rate { get; init; }
}

/// <summary>Decides whether requests may be sent: in the same way for those that come through Portal and those that a proxy asks about.</summary>
/// <remarks>The order of the checks is part of the product: key, token's state, address, module, rate, length, path.</remarks>
public sealed class AccessEvaluator(
    CredentialCache cache, AddressRulesCache addresses, RateLimits limits, VerificationMetrics metrics, TimeProvider clock)
{
    /// <summary>Decides by what is in memory.</summary>
    /// <returns>False: something must be read from the database first, see <see cref="EvaluateAsync"/>. Nothing was done.</returns>
    internal bool TryEvaluate(in AccessRequest request, out AccessDecision decision)
    {
        decision = default;
        // A span lasts as long as the evaluation, reads from the database included.
        if (VerificationTrace.IsWanted)
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

    /// <summary>Decides, and reads from the database what is not in memory.</summary>
    internal async ValueTask<AccessDecision> EvaluateAsync(AccessRequest request, CancellationToken cancellation)
    {
        using var span = VerificationTrace.IsWanted ? VerificationTrace.Begin(request.Owner.Module) : null;
        var credential = await FindAsync(request.Authorization, cancellation);
        var rules = credential is null ? null : await addresses.GetAsync(credential.AccountId, cancellation);
        var now = clock.GetUtcNow().UtcDateTime;
        var decision = Decide(request, credential, Verify(request.Authorization, credential, now), rules, now);
        metrics.Judged(decision);
        VerificationTrace.Conclude(span, decision);
        return decision;
    }

    /// <summary>Decides whether a request in progress may go on by what is true now, in the same order. Takes nothing from its token's rate.</summary>
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

        var credential = request.Credential;
        var state = credential.StateOf(request.SecretId, clock.GetUtcNow().UtcDateTime);
        if (state is SecretState.Wrong or SecretState.Retired)
            return Refusals.Unauthorized;
        if (credential.RefusalFor(state) is { } unusable)
            return unusable;
        var rules = await addresses.GetAsync(credential.AccountId, cancellation);
        return !rules.Allow(credential.TokenId, request.Address) ? Refusals.AddressNotAllowed(credential.Handle, request.Address)
            : request.Module is { } module && !credential.MayUse(module) ? Refusals.ModuleNotEnabled(credential.Handle, module)
            : request.Withdrawn?.Invoke();
    }

    /// <param name="rules">Of the credential's account.</param>
    private AccessDecision Decide(in AccessRequest request, Credential? credential, SecretMatch match, AddressRules? rules, DateTime now)
    {
        if (credential is null || match.State == SecretState.Wrong)
            return new AccessDecision(RefuseStranger(request), null, 0, now);
        if (match.State == SecretState.Retired)
            return new AccessDecision(RefuseStranger(request), credential, match.SecretId, now) { IsRetiredKey = true };
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

    /// <summary>One answer for all clients without a valid key, and another for those that keep on trying.</summary>
    private Refusal RefuseStranger(in AccessRequest request) =>
        limits.TakeFailure(request.Address) is { Refused: true } status ? Refusals.TooManyFailures(request.Address, status) : Refusals.Unauthorized;

    private ValueTask<Credential?> FindAsync(string header, CancellationToken cancellation)
    {
        if (!ApiKey.TryParse(header, out var handle, out _))
            return default;
        var known = cache.TryGet(handle, out var credential);
        metrics.LookedUp(known, credential);
        return known ? new(credential) : cache.LoadAsync(handle.ToString(), cancellation);
    }

    private static SecretMatch Verify(string header, Credential? credential, DateTime now) =>
        ApiKey.TryParse(header, out var handle, out var secret) ? Verify(handle, secret, credential, now) : default;

    /// <summary>Hashes and compares even when there is nothing to compare with: an unknown handle takes as long.</summary>
    private static SecretMatch Verify(ReadOnlySpan<char> handle, ReadOnlySpan<char> secret, Credential? credential, DateTime now)
    {
        Span<byte> hash = stackalloc byte[ApiKey.HashLength];
        ApiKey.ComputeHash(handle, secret, hash);
        return credential?.Match(hash, now) ?? Credential.MatchNobody(hash);
    }
}
