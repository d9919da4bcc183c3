using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Audit;
using Portal.Data;
using Portal.Localization;

namespace Portal.Tokens.Approvals;

/// <summary>Lists requests for approval and decides about them. <see cref="TokenService"/> stores them.</summary>
public sealed class ApprovalService(
    IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, TokenService tokens, ApprovalStore store, AccessControl access, TimeProvider clock)
{
    /// <summary>The number of requests in a <see cref="ApprovalSlice"/>.</summary>
    public const int SliceSize = 50;

    /// <summary>The largest number that <see cref="CountWaitingAsync"/> counts.</summary>
    public const int MostCounted = 100;

    private DateTime Now => WholeSeconds.Now(clock);

    /// <summary>Lists the requests of the account that wait for a decision or, for an Operator, their own.</summary>
    /// <param name="before">Where to continue, from <see cref="ApprovalSlice.Next"/>; null: with the newest.</param>
    public async Task<ApprovalSlice> ListWaitingAsync(Actor actor, long? before = null, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Operator, cancellation);
        var now = Now;
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var waiting = context.ApprovalRequests.AsNoTracking().Where(IsSeenBy(actor)).Where(request => request.State == ApprovalState.Waiting && request.EndsAt > now);
        return SliceOf(await ReadAsync(waiting, before, cancellation));
    }

    /// <summary>Lists the requests of the account that no longer wait or, for an Operator, their own.</summary>
    /// <param name="before">Where to continue, from <see cref="ApprovalSlice.Next"/>; null: with the newest.</param>
    public async Task<ApprovalSlice> ListDecidedAsync(Actor actor, long? before = null, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Operator, cancellation);
        var now = Now;
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var decided = context.ApprovalRequests.AsNoTracking().Where(IsSeenBy(actor)).Where(request => request.State != ApprovalState.Waiting || request.EndsAt <= now);
        if (!actor.May(Role.Administrator))
            return SliceOf(await ReadAsync(decided, before, cancellation));
        var found = new List<ApprovalRequest>();
        // One state at a time, in the order of the index.
        foreach (var state in Enum.GetValues<ApprovalState>())
            found.AddRange(await ReadAsync(decided.Where(request => request.State == state), before, cancellation));
        return SliceOf([.. found.OrderByDescending(request => request.Id)]);
    }

    /// <returns>Null: the person has no such request.</returns>
    public async Task<ApprovalEntry?> FindAsync(Actor actor, long id, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Operator, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return await context.ApprovalRequests.AsNoTracking().Where(IsSeenBy(actor)).SingleOrDefaultAsync(request => request.Id == id, cancellation) is { } found ? Describe(found) : null;
    }

    /// <summary>Counts the requests that wait for the actor's decision, up to <see cref="MostCounted"/>.</summary>
    public async Task<int> CountWaitingAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        var now = Now;
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return await context.ApprovalRequests
            .Where(request => request.AccountId == actor.AccountId && request.State == ApprovalState.Waiting && request.EndsAt > now && request.RequestedById != actor.Id)
            .OrderBy(request => request.Id).Take(MostCounted).CountAsync(cancellation);
    }

    /// <summary>Lists the waiting requests for a token that the actor may see.</summary>
    public async Task<IReadOnlyList<ApprovalEntry>> ListOfTokenAsync(Actor actor, string handle, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Operator, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var stored = await context.ApprovalRequests.AsNoTracking()
            .Where(request => request.AccountId == actor.AccountId && request.State == ApprovalState.Waiting && request.TokenHandle == handle)
            .OrderBy(request => request.Id).Take(MostCounted).ToListAsync(cancellation);
        return [.. stored.Select(Describe).Where(entry => entry.IsWaiting && (actor.May(Role.Administrator) || entry.RequestedById == actor.Id))];
    }

    /// <summary>Makes the requested change as it would apply now.</summary>
    /// <param name="comment">Null or empty: none.</param>
    /// <param name="seen">The version of the token with which the actor compared the request; null: any.</param>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task<ApprovalOutcome> ApproveAsync(Actor actor, long id, string? comment = null, Guid? seen = null, CancellationToken cancellation = default)
    {
        await access.RequireProofAsync(actor, Role.Administrator, cancellation);
        if (ApprovalRules.CheckNote(comment, Texts.Approval_Comment) is { } fault)
            return new ApprovalOutcome.Refused(fault);
        if (await FindAsync(actor, id, cancellation) is not { } request)
            return new ApprovalOutcome.NotFound();
        if (!request.IsWaiting)
            return new ApprovalOutcome.Settled(request);
        if (request.RequestedById == actor.Id)
            return new ApprovalOutcome.Refused(Texts.Approval_Own);
        if (request.Content is not { } content)
            return new ApprovalOutcome.Refused(Texts.Approval_Unreadable);
        var outcome = await tokens.CarryOutAsync(actor, request, content, TextRules.CleanLines(comment), seen, cancellation);
        var current = await FindAsync(actor, id, cancellation);
        return outcome is TokenOutcome.Done ? new ApprovalOutcome.Done(current!)
            : current is null ? new ApprovalOutcome.NotFound()
            : !current.IsWaiting ? new ApprovalOutcome.Settled(current)
            : outcome is TokenOutcome.Conflict or TokenOutcome.PreconditionFailed ? new ApprovalOutcome.Changed(current)
            : new ApprovalOutcome.Refused(MessageOf(outcome));
    }

    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task<ApprovalOutcome> DeclineAsync(Actor actor, long id, string? comment = null, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        return await SettleAsync(actor, id, ApprovalState.Declined, AuditAction.ApprovalDeclined, comment, cancellation);
    }

    /// <summary>Withdraws a request of the actor.</summary>
    public async Task<ApprovalOutcome> WithdrawAsync(Actor actor, long id, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Operator, cancellation);
        return await SettleAsync(actor, id, ApprovalState.Withdrawn, AuditAction.ApprovalWithdrawn, null, cancellation);
    }

    private async Task<ApprovalOutcome> SettleAsync(Actor actor, long id, ApprovalState state, string action, string? comment, CancellationToken cancellation) =>
        ApprovalRules.CheckNote(comment, Texts.Approval_Comment) is { } fault ? new ApprovalOutcome.Refused(fault) : await writes.RunAsync<ApprovalOutcome>(async turn =>
        {
            var now = Now;
            await using var context = await contexts.CreateDbContextAsync(turn);
            if (await context.ApprovalRequests.Where(IsSeenBy(actor)).SingleOrDefaultAsync(request => request.Id == id, turn) is not { } request)
                return new ApprovalOutcome.NotFound();
            if (request.State != ApprovalState.Waiting || request.EndsAt <= now)
                return new ApprovalOutcome.Settled(Describe(request));
            if ((request.RequestedById == actor.Id) != (state == ApprovalState.Withdrawn))
                return new ApprovalOutcome.Refused(state == ApprovalState.Withdrawn ? Texts.Approval_NotYours : Texts.Approval_Own);
            await store.SettleAsync(context, actor, request, state, action, TextRules.CleanLines(comment), now, turn);
            try
            {
                await context.SaveChangesAsync(turn);
                return new ApprovalOutcome.Done(Describe(request));
            }
            catch (DbUpdateConcurrencyException)
            {
                // Another node came first.
                return await FindAsync(actor, id, turn) is { } current ? new ApprovalOutcome.Settled(current) : new ApprovalOutcome.NotFound();
            }
        }, cancellation);

    private static string MessageOf(TokenOutcome outcome)
    {
        var reason = outcome switch
        {
            TokenOutcome.Invalid invalid => string.Join(' ', invalid.Faults.Select(fault => fault.Message)),
            TokenOutcome.Refused refused => refused.Message,
            TokenOutcome.Forbidden forbidden => forbidden.Message,
            _ => Texts.Approval_TokenGone,
        };
        return $"{reason} {Texts.Approval_DeclineInstead}";
    }

    private static Expression<Func<ApprovalRequest, bool>> IsSeenBy(Actor actor) => actor.May(Role.Administrator)
        ? request => request.AccountId == actor.AccountId
        : request => request.AccountId == actor.AccountId && request.RequestedById == actor.Id;

    /// <summary>Reads one request more than a slice has.</summary>
    private static Task<List<ApprovalRequest>> ReadAsync(IQueryable<ApprovalRequest> requests, long? before, CancellationToken cancellation) =>
        (before is { } id ? requests.Where(request => request.Id < id) : requests).OrderByDescending(request => request.Id).Take(SliceSize + 1).ToListAsync(cancellation);

    private ApprovalSlice SliceOf(List<ApprovalRequest> found) =>
        new([.. found.Take(SliceSize).Select(Describe)], found.Count > SliceSize ? found[SliceSize - 1].Id : null);

    private ApprovalEntry Describe(ApprovalRequest stored) => new(
        stored.Id, stored.Kind, stored.TokenHandle, stored.TokenName, stored.ExtensionId, ApprovalContent.Read(stored.Content), ApprovalContent.ReadNeed(stored.Reasons), stored.Note,
        stored.RequestedById, stored.RequestedByName, stored.CreatedAt, stored.EndsAt,
        stored.State == ApprovalState.Waiting && stored.EndsAt <= Now ? ApprovalState.Expired : stored.State)
    {
        DecidedByName = stored.DecidedByName, DecidedAt = stored.DecidedAt, Comment = stored.Comment,
    };
}
