using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Audit;
using Portal.Data;
using Portal.Localization;
using Portal.Tokens.Approvals;

namespace Portal.Tokens;

public sealed partial class TokenService
{
    /// <summary>The maximum time that showing a new key waits for the audit log.</summary>
    private static readonly TimeSpan AuditTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Creates a new key. The current key ends immediately or after an overlap. An older key always ends immediately.</summary>
    /// <param name="expiresAt">When the new key expires, UTC; null: never.</param>
    /// <param name="overlap">How long the current key keeps working, but not past its own expiration, nor past
    /// that of the new key, nor past the end of the key that the actor called with. A key that has ended doesn't work again. Whole seconds, up to <see cref="TokenRules.LongestOverlap"/>; null or zero: it ends immediately.</param>
    /// <param name="call">The response to store with the change; null: none.</param>
    /// <param name="condition">The versions of the token that may be changed; null: any.</param>
    /// <param name="perpetualReason">Why the new key has no expiration; null: the present reason.</param>
    /// <param name="ask">Stores a request if the change needs approval; null: nothing is stored then.</param>
    /// <returns>Done with the key, NotFound, Refused, Invalid, OutlivesCreator, NeedsApproval or Requested.</returns>
    public async Task<TokenOutcome> RotateAsync(
        Actor actor, string handle, DateTime? expiresAt, TimeSpan? overlap = null, IdempotentResponseToStore? call = null,
        VersionCondition? condition = null, string? perpetualReason = null, ApprovalAsk? ask = null, CancellationToken cancellation = default)
    {
        await RequireAsync(actor, TokenAction.Rotate, cancellation);
        return await AskOrRunAsync(actor, ask, turn => RotateGrantedAsync(actor, handle, expiresAt, overlap, perpetualReason, call, condition, null, turn), cancellation);
    }

    /// <param name="grant">The consent to a request; null: the actor acts for themselves.</param>
    private Task<TokenOutcome> RotateGrantedAsync(
        Actor actor, string handle, DateTime? expiresAt, TimeSpan? overlap, string? perpetualReason, IdempotentResponseToStore? call, VersionCondition? condition, ApprovalGrant? grant,
        CancellationToken cancellation) => ChangeWithinLimitAsync(actor, handle, async (context, token, now, limit, turn) =>
            TokenRules.CheckOverlap(overlap) is { } fault
                ? new TokenOutcome.Invalid([new Fault(TokenField.Overlap, fault)])
                : CheckLimit(limit, token, expiresAt) is { } beyond ? beyond
                : await CheckNewKeyAsync(context, actor, token, expiresAt, perpetualReason, now, grant, DraftOf(token, TokenAction.Rotate, expiresAt, overlap, perpetualReason), turn) is { } against ? against
                : AddSecret(
                    context, actor, token, expiresAt, Earliest(now + (overlap ?? TimeSpan.Zero), expiresAt, limit?.Latest), TokenAction.Rotate, now), call, condition, cancellation);

    /// <summary>Ends the previous key immediately. Does nothing if the token has only one live key.</summary>
    /// <param name="condition">The versions of the token that may be changed; null: any.</param>
    /// <returns>Done, NotFound or Refused (deleted).</returns>
    public async Task<TokenOutcome> EndPreviousAsync(
        Actor actor, string handle, VersionCondition? condition = null, CancellationToken cancellation = default)
    {
        await RequireAsync(actor, TokenAction.EndPrevious, cancellation);
        return await ChangeAsync(actor, handle, (context, token, now) =>
        {
            if (token.PreviousEndsAt > now)
            {
                var wouldHaveEnded = token.PreviousEndsAt;
                var newest = token.Secrets.MaxBy(secret => secret.Id);
                foreach (var secret in token.Secrets.Where(secret => secret != newest))
                    End(secret, now, now);
                token.PreviousEndsAt = now;
                audit.Add(
                    context, actor, TokenAction.EndPrevious.AuditCode, handle, token.Name,
                    new Dictionary<string, object?> { ["would_have_ended"] = wouldHaveEnded });
            }

            return new TokenOutcome.Done(handle);
        }, cancellation, condition: condition);
    }

    /// <summary>Creates a new key with a new expiration. The current key works until its own expiration.</summary>
    /// <param name="call">The response to store with the change; null: none.</param>
    /// <param name="condition">The versions of the token that may be changed; null: any.</param>
    /// <param name="ask">Stores a request if the change needs approval; null: nothing is stored then.</param>
    /// <returns>Done with the key, NotFound, Refused (no expiration, or already two live keys), Invalid, OutlivesCreator, NeedsApproval or Requested.</returns>
    public async Task<TokenOutcome> RenewAsync(
        Actor actor, string handle, DateTime expiresAt, IdempotentResponseToStore? call = null, VersionCondition? condition = null, ApprovalAsk? ask = null,
        CancellationToken cancellation = default)
    {
        await RequireAsync(actor, TokenAction.Renew, cancellation);
        return await AskOrRunAsync(actor, ask, turn => RenewGrantedAsync(actor, handle, expiresAt, call, condition, null, turn), cancellation);
    }

    /// <param name="grant">The consent to a request; null: the actor acts for themselves.</param>
    private Task<TokenOutcome> RenewGrantedAsync(
        Actor actor, string handle, DateTime expiresAt, IdempotentResponseToStore? call, VersionCondition? condition, ApprovalGrant? grant, CancellationToken cancellation) =>
        ChangeWithinLimitAsync(actor, handle, async (context, token, now, limit, turn) =>
        {
            if (token.ExpiresAt is null)
                return new TokenOutcome.Refused(Texts.TokenService_NothingToRenew);
            if (token.PreviousEndsAt > now)
                return new TokenOutcome.Refused(Texts.TokenService_TwoKeys);
            return CheckLimit(limit, token, expiresAt) is { } beyond ? beyond
                : await CheckNewKeyAsync(context, actor, token, expiresAt, reason: null, now, grant, DraftOf(token, TokenAction.Renew, expiresAt, null, null), turn) is { } against ? against
                : AddSecret(context, actor, token, expiresAt, token.ExpiresAt, TokenAction.Renew, now);
        }, call, condition, cancellation);

    /// <summary>Returns a live key for viewing or copying, and records this in the audit log.</summary>
    /// <param name="action"><see cref="AuditAction.KeyViewed"/> or <see cref="AuditAction.KeyCopied"/>.</param>
    public async Task<RevealOutcome> RevealAsync(Actor actor, string handle, KeySlot slot, string action, CancellationToken cancellation = default)
    {
        await access.RequireProofAsync(actor, Role.Operator, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var found = await context.Tokens.AsNoTracking()
            .Where(token => token.AccountId == actor.AccountId && token.Handle == handle && token.Status != StoredStatus.Deleted)
            .Select(token => new { token.Id, token.Name })
            .SingleOrDefaultAsync(cancellation);
        var secrets = found is null ? [] : await context.NewestSecretsOf(found.Id).AsNoTracking().ToListAsync(cancellation);
        var secret = secrets.ElementAtOrDefault(slot == KeySlot.Newest ? 0 : 1);
        if (found is null || secret is null || secret.EndedAt is not null || secret.EndsAt <= Now)
            return new RevealOutcome.Unavailable(Texts.TokenService_KeyEnded);
        // The policy also holds for secrets that were stored before it was chosen.
        if (secret.Protected is null || options.Value.Reveal == RevealPolicy.Once)
            return new RevealOutcome.Unavailable(Texts.TokenService_KeyShownOnce);
        if (protector.Unprotect(handle, secret.Protected) is not { } key)
            return new RevealOutcome.Unavailable(Texts.TokenService_KeyRingMissing);

        audit.Add(context, actor, action, handle, found.Name, FingerprintOf(key));
        await context.SaveChangesAsync(cancellation);
        return new RevealOutcome.Shown(key);
    }

    /// <summary>Returns a key that was just created and is still in memory. It works even if the database doesn't, because the key may be shown
    /// only once, and the audit log already contains its creation by the same user. Viewing or copying is recorded too if possible.</summary>
    /// <param name="action"><see cref="AuditAction.KeyViewed"/> or <see cref="AuditAction.KeyCopied"/>.</param>
    public async Task<RevealOutcome> HandOutAsync(Actor actor, ApiKey key, string action, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Operator, cancellation);
        // A locked database must not delay showing the only copy of a key.
        await Task.WhenAny(Task.Run(() => NoteAsync(actor, action, key.Handle, FingerprintOf(key)), cancellation), Task.Delay(AuditTimeout, cancellation));
        return new RevealOutcome.Shown(key);
    }

    private static Dictionary<string, object?> FingerprintOf(ApiKey key) => new() { ["fingerprint"] = key.Fingerprint };

    /// <summary>Writes an audit entry about a token, and logs a warning if this fails.</summary>
    private async Task NoteAsync(Actor actor, string action, string handle, IReadOnlyDictionary<string, object?>? details = null)
    {
        try
        {
            await using var context = await contexts.CreateDbContextAsync();
            var name = await context.Tokens.Where(token => token.AccountId == actor.AccountId && token.Handle == handle).Select(token => token.Name).SingleOrDefaultAsync();
            if (name is null)
                return;
            audit.Add(context, actor, action, handle, name, details);
            await context.SaveChangesAsync();
        }
        catch (Exception exception)
        {
            LogNotNoted(exception, action, handle, actor.Id);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The audit entry {Action} of {Handle} by {ActorId} could not be written")]
    private partial void LogNotNoted(Exception exception, string action, string handle, string actorId);

    /// <summary>Adds a secret and sets the end of the previous one. Every rule about keys is based on this.</summary>
    /// <param name="previousEndsAt">The latest end of the newest existing secret. Older secrets end immediately, so
    /// at most two are live.</param>
    private TokenOutcome AddSecret(
        PortalDbContext context, Actor actor, Token token, DateTime? expiresAt, DateTime? previousEndsAt, TokenAction action, DateTime now)
    {
        if (TokenRules.CheckExpiration(expiresAt, now) is { } fault)
            return new TokenOutcome.Invalid([new Fault(TokenField.Expiration, fault)]);
        if (token.StartsAt >= expiresAt)
            return new TokenOutcome.Invalid([new Fault(TokenField.Expiration, Texts.TokenRules_StartAfterEnd)]);

        var newest = token.Secrets.MaxBy(secret => secret.Id)!;
        foreach (var secret in token.Secrets)
            End(secret, secret == newest ? previousEndsAt : now, now);

        var key = ApiKey.Create(token.Handle);
        token.Secrets.Add(NewSecret(key, now, expiresAt));
        (token.ExpiresAt, token.PreviousEndsAt) = (expiresAt, newest.EndsAt);
        audit.Add(context, actor, action.AuditCode, token.Handle, token.Name, new Dictionary<string, object?>
        {
            ["expires"] = expiresAt, ["previous_ends"] = newest.EndsAt, ["fingerprint"] = key.Fingerprint,
        });
        return new TokenOutcome.Done(token.Handle, key, newest.EndsAt);
    }

    /// <summary>Ends a secret earlier, never later than its own expiration.</summary>
    private void End(TokenSecret secret, DateTime? at, DateTime now)
    {
        if (secret.EndsAt is null || secret.EndsAt > at)
            secret.EndsAt = at;
        // Ended by this change; or by its expiration, if the clock can be trusted.
        if (at == now || secret.EndsAt <= trustedClock.GetTrustedUtcNow().UtcDateTime)
            Retire(secret, now);
    }

    /// <summary>Records permanently that the secret has ended, and removes its encrypted copy.</summary>
    private static void Retire(TokenSecret secret, DateTime now) => (secret.EndedAt, secret.Protected) = (secret.EndedAt ?? now, null);
}
