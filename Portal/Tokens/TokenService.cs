using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Access;
using Portal.Audit;
using Portal.Catalog;
using Portal.Data;
using Portal.IpRules;
using Portal.Localization;
using Portal.Tokens.Approvals;
using Portal.Tokens.Reading;

namespace Portal.Tokens;

/// <summary>Makes every change to tokens, for pages and the API. <see cref="TokenReader"/> reads them.</summary>
/// <remarks>
/// Each method checks the actor's session and role (<see cref="AccessControl"/>), touches only the actor's account, and
/// commits the change and its audit entry together. When it returns, the change is durable and applies. An actor that is
/// limited to some modules can grant only these, and change only tokens that have no others.
/// </remarks>
public sealed partial class TokenService(
    IDbContextFactory<PortalDbContext> contexts,
    TokenReader reader,
    TokenRecordReader records,
    ModuleCatalog catalog,
    AuditLog audit,
    AccessControl access,
    SecretProtector protector,
    TokenChanges changes,
    NewTokenRules addressRules,
    ApprovalStore approvals,
    WriteQueue writes,
    IOptions<TokenOptions> options,
    TimeProvider clock,
    MonotonicClock trustedClock,
    ILogger<TokenService> logger)
{
    private const int Attempts = 5;

    private DateTime Now => WholeSeconds.Now(clock);

    /// <summary>Loads a token with its newest and its live secrets, changes it and commits. No other change can happen in between.</summary>
    /// <param name="change">Changes the token and adds the audit entry. Only the outcome Done is committed.</param>
    /// <param name="call">The response to store with the change; null: none.</param>
    /// <param name="condition">Checked against the version that the change replaces; null: none.</param>
    /// <param name="ofDeleted">Whether the change is for a deleted token, and only for one.</param>
    private Task<TokenOutcome> ChangeAsync(
        Actor actor, string handle, Func<PortalDbContext, Token, DateTime, TokenOutcome> change, CancellationToken cancellation,
        IdempotentResponseToStore? call = null, VersionCondition? condition = null, bool ofDeleted = false) =>
        ChangeAsync(actor, handle, (context, token, now, _) => Task.FromResult(change(context, token, now)), cancellation, call, condition, ofDeleted);

    private Task<TokenOutcome> ChangeAsync(
        Actor actor, string handle, Func<PortalDbContext, Token, DateTime, CancellationToken, Task<TokenOutcome>> change, CancellationToken cancellation,
        IdempotentResponseToStore? call = null, VersionCondition? condition = null, bool ofDeleted = false) =>
        writes.RunAsync(token => ChangeSerializedAsync(actor, handle, change, call, condition, ofDeleted, token), cancellation);

    /// <remarks>If another process changes the token in between, the change is repeated on the new state.</remarks>
    private async Task<TokenOutcome> ChangeSerializedAsync(
        Actor actor, string handle, Func<PortalDbContext, Token, DateTime, CancellationToken, Task<TokenOutcome>> change, IdempotentResponseToStore? call,
        VersionCondition? condition, bool ofDeleted, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            await using var context = await contexts.CreateDbContextAsync(cancellation);
            if (await CheckCallerAsync(context, actor, cancellation) is { } ended)
                return ended;
            await IdempotentResponses.EnsureFirstAsync(context, call, cancellation);
            var now = Now;
            var token = await context.Tokens
                .Include(token => token.Permissions)
                .SingleOrDefaultAsync(token => token.AccountId == actor.AccountId && token.Handle == handle, cancellation);
            if (token is null)
                return new TokenOutcome.NotFound();
            await context.NewestSecretsOf(token.Id).LoadAsync(cancellation);
            if (token.Status == StoredStatus.Deleted != ofDeleted)
                return new TokenOutcome.Refused(ofDeleted ? Texts.TokenRestore_NotDeleted : Texts.TokenService_Deleted);

            if (Reach(actor, token) is { } beyond)
                return beyond;

            if (condition?.Allows(token.Version) == false)
                return new TokenOutcome.PreconditionFailed();
            var outcome = await change(context, token, now, cancellation);
            if (outcome is not TokenOutcome.Done done)
                return outcome;
            if (!context.ChangeTracker.HasChanges())
                return done with { Version = token.Version, IsUnchanged = true, Record = records.Describe(token) };
            Stamp(token, actor, now);
            Remember(context, call, token, done.Key, now);
            try
            {
                await CommitAsync(context, handle, cancellation);
                return done with { Version = token.Version, Record = records.Describe(token) };
            }
            catch (DbUpdateException exception)
                when (attempt < Attempts && (exception is DbUpdateConcurrencyException || DatabaseErrors.IsDuplicate(exception)))
            {
                // Another change came first: repeat this one on its result.
            }
        }
    }

    private static void Stamp(Token token, Actor actor, DateTime now)
    {
        (token.UpdatedAt, token.UpdatedById, token.UpdatedByName) = (now, actor.Id, actor.Name);
        token.Version = Guid.CreateVersion7();
    }

    private void Remember(PortalDbContext context, IdempotentResponseToStore? call, Token token, ApiKey? key, DateTime now)
    {
        if (call is not null)
            context.IdempotentResponses.Add(new IdempotentResponse
            {
                Id = call.Id, Request = call.Request, At = now, Handle = token.Handle, Answer = call.Seal(records.Describe(token), key),
            });
    }

    private async Task CommitAsync(PortalDbContext context, string handle, CancellationToken cancellation)
    {
        try
        {
            await context.SaveChangesAsync(cancellation);
            // A change that counts tokens begins a transaction of its own.
            if (context.Database.CurrentTransaction is { } transaction)
                await transaction.CommitAsync(cancellation);
        }
        finally
        {
            // Even if the commit failed: its result is unknown then, so caches must read the token again.
            changes.Publish(handle);
        }
    }
}
