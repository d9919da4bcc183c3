using Microsoft.EntityFrameworkCore;
using Portal.Audit;
using Portal.Data;

namespace Portal.Tokens;

public sealed partial class TokenService
{
    /// <summary>Makes a new key. The present one ends at once or after an overlap, one before it at once in any case.</summary>
    /// <param name="expiresAt">The new key's end, UTC; null: it never ends.</param>
    /// <param name="overlap">For how long the present key still works, but never past its own expiration, nor past
    /// the new key's, nor past the end of the key that the actor called with; a key that has ended stays so. Whole seconds, up to <see cref="TokenRules.LongestOverlap"/>; null or zero: it ends at once.</param>
    /// <param name="call">To be remembered with the change; null: need not be.</param>
    /// <param name="condition">Which versions of the token it may be made to; null: any.</param>
    /// <returns>Done with the key, NotFound, Refused, Invalid or OutlivesCreator.</returns>
    public async Task<TokenOutcome> RotateAsync(
        Actor actor, string handle, DateTime? expiresAt, TimeSpan? overlap = null, CallToRemember? call = null,
        VersionCondition? condition = null, CancellationToken cancellation = default)
    {
        actor.Require(Role.Operator);
        var limit = await FindLimitAsync(actor, cancellation);
        return await ChangeAsync(actor, handle, (context, token, now) =>
            TokenRules.CheckOverlap(overlap) is { } fault
                ? new TokenOutcome.Invalid([new Fault(TokenField.Overlap, fault)])
                : BeyondLimit(limit, token, expiresAt) is { } beyond ? beyond
                : AddSecret(
                    context, actor, token, expiresAt, Earliest(now + (overlap ?? TimeSpan.Zero), expiresAt, limit?.Latest), AuditAction.TokenRotated, now), cancellation, call, condition);
    }

    /// <summary>Ends the previous key now, while two live. When only one lives there is nothing to end, which is fine.</summary>
    /// <param name="condition">Which versions of the token it may be made to; null: any.</param>
    /// <returns>Done, NotFound or Refused (deleted).</returns>
    public Task<TokenOutcome> EndPreviousAsync(
        Actor actor, string handle, VersionCondition? condition = null, CancellationToken cancellation = default)
    {
        actor.Require(Role.Operator);
        return ChangeAsync(actor, handle, (context, token, now) =>
        {
            if (token.PreviousEndsAt > now)
            {
                var wouldHaveEnded = token.PreviousEndsAt;
                var newest = token.Secrets.MaxBy(secret => secret.Id);
                foreach (var secret in token.Secrets.Where(secret => secret != newest))
                    End(secret, now, now);
                token.PreviousEndsAt = now;
                audit.Add(
                    context, actor, AuditAction.PreviousKeyEnded, handle, token.Name,
                    new Dictionary<string, object?> { ["would_have_ended"] = wouldHaveEnded });
            }

            return new TokenOutcome.Done(handle);
        }, cancellation, condition: condition);
    }

    /// <summary>Makes a new key with a new expiration; the present one lives until its own expiration.</summary>
    /// <param name="call">To be remembered with the change; null: need not be.</param>
    /// <param name="condition">Which versions of the token it may be made to; null: any.</param>
    /// <returns>Done with the key, NotFound, Refused (no expiration, or two keys live already), Invalid or OutlivesCreator.</returns>
    public async Task<TokenOutcome> RenewAsync(
        Actor actor, string handle, DateTime expiresAt, CallToRemember? call = null, VersionCondition? condition = null,
        CancellationToken cancellation = default)
    {
        actor.Require(Role.Operator);
        var limit = await FindLimitAsync(actor, cancellation);
        return await ChangeAsync(actor, handle, (context, token, now) =>
        {
            if (token.ExpiresAt is null)
                return new TokenOutcome.Refused("This token has no expiration, so there is nothing to renew. Rotate it to get a new key.");
            if (token.PreviousEndsAt > now)
                return new TokenOutcome.Refused("This token has two live keys already. End the previous one first, or rotate the token.");
            return BeyondLimit(limit, token, expiresAt) is { } beyond
                ? beyond
                : AddSecret(context, actor, token, expiresAt, token.ExpiresAt, AuditAction.TokenRenewed, now);
        }, cancellation, call, condition);
    }

    /// <summary>Hands out a live key for viewing or copying, and writes that to the audit.</summary>
    /// <param name="action"><see cref="AuditAction.KeyViewed"/> or <see cref="AuditAction.KeyCopied"/>.</param>
    public async Task<RevealOutcome> RevealAsync(Actor actor, string handle, KeySlot slot, string action, CancellationToken cancellation = default)
    {
        actor.Require(Role.Operator);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var found = await context.Tokens.AsNoTracking()
            .Where(token => token.AccountId == actor.AccountId && token.Handle == handle && token.Status != StoredStatus.Deleted)
            .Select(token => new { token.Name, Secrets = token.Secrets.OrderByDescending(secret => secret.Id).Take(2).ToList() })
            .SingleOrDefaultAsync(cancellation);
        var secret = found?.Secrets.ElementAtOrDefault(slot == KeySlot.Newest ? 0 : 1);
        if (found is null || secret is null || (slot == KeySlot.Previous && secret.EndsAt <= Now))
            return new RevealOutcome.Unavailable("This key has ended; there is nothing to show any more.");
        // The policy also holds for secrets that were stored before it was chosen.
        if (secret.Protected is null || options.Value.Reveal == RevealPolicy.Once)
            return new RevealOutcome.Unavailable("Keys are shown only once here, when they are made. Rotate the token to get a new one.");
        if (protector.Unprotect(handle, secret.Protected) is not { } key)
            return new RevealOutcome.Unavailable(
                "This key can't be shown any more: the key ring it was encrypted with is missing. It still works for programs that have it; rotate the token to get a new one.");

        audit.Add(context, actor, action, handle, found.Name);
        await context.SaveChangesAsync(cancellation);
        return new RevealOutcome.Shown(key);
    }

    /// <summary>Writes to the audit that a key which was made just now, and is still at hand, is viewed or copied.</summary>
    /// <param name="action"><see cref="AuditAction.KeyViewed"/> or <see cref="AuditAction.KeyCopied"/>.</param>
    public async Task<RevealOutcome> HandOutAsync(Actor actor, ApiKey key, string action, CancellationToken cancellation = default)
    {
        actor.Require(Role.Operator);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var name = await context.Tokens
            .Where(token => token.AccountId == actor.AccountId && token.Handle == key.Handle)
            .Select(token => token.Name)
            .SingleOrDefaultAsync(cancellation);
        if (name is null)
            return new RevealOutcome.Unavailable("This token is not there any more.");
        audit.Add(context, actor, action, key.Handle, name);
        await context.SaveChangesAsync(cancellation);
        return new RevealOutcome.Shown(key);
    }

    /// <summary>The one idea behind every rule about keys: add a secret, decide when the previous one ends.</summary>
    /// <param name="previousEndsAt">When the newest of the present secrets ends at the latest; those before it end now, so
    /// that never more than two live.</param>
    private TokenOutcome AddSecret(
        PortalDbContext context, Actor actor, Token token, DateTime? expiresAt, DateTime? previousEndsAt, string action, DateTime now)
    {
        if (TokenRules.CheckExpiration(expiresAt, now) is { } fault)
            return new TokenOutcome.Invalid([new Fault(TokenField.Expiration, fault)]);

        var newest = token.Secrets.MaxBy(secret => secret.Id)!;
        foreach (var secret in token.Secrets)
            End(secret, secret == newest ? previousEndsAt : now, now);

        var key = ApiKey.Create(token.Handle);
        token.Secrets.Add(NewSecret(key, now, expiresAt));
        (token.ExpiresAt, token.PreviousEndsAt) = (expiresAt, newest.EndsAt);
        audit.Add(context, actor, action, token.Handle, token.Name, new Dictionary<string, object?> { ["expires"] = expiresAt, ["previous_ends"] = newest.EndsAt });
        return new TokenOutcome.Done(token.Handle, key);
    }

    /// <summary>Never past its own expiration: a secret is only ever ended earlier.</summary>
    private static void End(TokenSecret secret, DateTime? at, DateTime now)
    {
        if (secret.EndsAt is null || secret.EndsAt > at)
            secret.EndsAt = at;
        if (secret.EndsAt <= now)
            secret.Protected = null;
    }
}
