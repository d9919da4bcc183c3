using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Access;
using Portal.Audit;
using Portal.Data;
using Portal.Localization;

namespace Portal.Tokens.Approvals;

/// <summary>Stores requests and decisions as part of a change to a token. Callers check access and run it in the <see cref="WriteQueue"/>.</summary>
public sealed class ApprovalStore(
    IDbContextFactory<PortalDbContext> contexts, AuditLog audit, IApprovalNotices notices, IOptions<TokenOptions> options, TimeProvider clock)
{
    /// <summary>The maximum number of requests of a person that wait.</summary>
    public const int MostWaiting = 50;

    /// <summary>How many tokens created each other before the first one. Nobody builds longer chains.</summary>
    private const int LongestChain = 20;

    private DateTime Now => WholeSeconds.Now(clock);

    /// <summary>Whether the actor's changes can need approval: those of a person who isn't an administrator, and those of a token that such a person created.</summary>
    internal async Task<bool> ApplyToAsync(PortalDbContext context, Actor actor, CancellationToken cancellation)
    {
        if (actor.Kind != ActorKind.Token)
            return ApprovalRules.ApplyTo(actor);
        var handle = actor.Id;
        for (var i = 0; i < LongestChain; i++)
        {
            var maker = await context.Tokens.Where(token => token.AccountId == actor.AccountId && token.Handle == handle)
                .Select(token => new { token.CreatedByKind, token.CreatedById }).SingleOrDefaultAsync(cancellation);
            if (maker?.CreatedByKind != CreatorKind.Token)
                return maker is null || (maker.CreatedByKind == CreatorKind.User && !await HoldsAsync(context, actor.AccountId, maker.CreatedById, [Role.Administrator], cancellation));
            handle = maker.CreatedById;
        }

        return true;
    }

    /// <summary>Stores a request for a change that needs approval.</summary>
    /// <returns>Requested, or Refused with the reason.</returns>
    internal async Task<TokenOutcome> RequestAsync(Actor actor, TokenOutcome.NeedsApproval needed, ApprovalAsk ask, CancellationToken cancellation)
    {
        var (draft, content, now) = (needed.Draft!, needed.Draft!.Content.Write(), Now);
        if (ApprovalRules.CheckNote(ask.Note, Texts.Approval_Note) is { } fault)
            return new TokenOutcome.Invalid([new Fault(TokenField.ApprovalNote, fault)]);
        if (content.Length > ApprovalRequest.ContentLength)
            return new TokenOutcome.Refused(Texts.Approval_TooLong);
        if (draft.Handle is not null && draft.Kind != AuditAction.TokenUpdated && options.Value.Reveal == RevealPolicy.Once)
            return new TokenOutcome.Refused(Texts.Approval_KeysShownOnce);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
        var waiting = await context.ApprovalRequests.AsNoTracking()
            .Where(request => request.AccountId == actor.AccountId && request.RequestedById == actor.Id && request.State == ApprovalState.Waiting && request.EndsAt > now).ToListAsync(cancellation);
        if (waiting.Find(request => IsSame(request, draft)) is { } earlier)
            return new TokenOutcome.Requested(earlier.Id) { IsEarlier = true };
        if (waiting.Count >= MostWaiting)
            return new TokenOutcome.Refused(Texts.Approval_TooMany.With(MostWaiting));
        var request = new ApprovalRequest
        {
            AccountId = actor.AccountId, Kind = draft.Kind, TokenHandle = draft.Handle, TokenName = draft.TokenName, ExtensionId = draft.ExtensionId,
            Content = content, Reasons = ApprovalContent.Write(needed.Need), Note = TextRules.CleanLines(ask.Note),
            RequestedById = actor.Id, RequestedByName = actor.Name, CreatedAt = now, EndsAt = now.AddDays(options.Value.ApprovalDays), Version = Guid.CreateVersion7(),
        };
        context.ApprovalRequests.Add(request);
        // Its ID is part of the audit entry and the notices.
        await context.SaveChangesAsync(cancellation);
        audit.Add(context, actor, AuditAction.ApprovalRequested, TargetOf(request), request.TokenName, new Dictionary<string, object?>(DetailsOf(request))
        {
            ["note"] = request.Note, ["ends"] = request.EndsAt,
        });
        await notices.AddRequestedAsync(context, request, now, cancellation);
        await context.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return new TokenOutcome.Requested(request.Id);
    }

    /// <summary>Marks a request as approved, in the context that makes its change.</summary>
    /// <param name="approver">The actor who makes the change.</param>
    /// <param name="handle">The handle of the token.</param>
    /// <returns>Why it can't be approved; null: marked.</returns>
    internal async Task<TokenOutcome.Refused?> ApproveAsync(
        PortalDbContext context, Actor approver, ApprovalGrant grant, string handle, CancellationToken cancellation)
    {
        var now = Now;
        var request = await context.ApprovalRequests.SingleOrDefaultAsync(request => request.Id == grant.RequestId && request.AccountId == approver.AccountId, cancellation);
        if (request is null || request.State != ApprovalState.Waiting || request.EndsAt <= now)
            return new TokenOutcome.Refused(Texts.Approval_Settled);
        if (request.RequestedById == approver.Id)
            return new TokenOutcome.Refused(Texts.Approval_Own);
        if (!await HoldsAsync(context, request.AccountId, request.RequestedById, [Role.Operator, Role.Administrator], cancellation))
            return new TokenOutcome.Refused(Texts.Approval_RequesterGone.With(request.RequestedByName));
        request.TokenHandle = handle;
        await SettleAsync(context, approver, request, ApprovalState.Approved, AuditAction.ApprovalApproved, grant.Comment, now, cancellation);
        return null;
    }

    /// <summary>Ends a request, which the caller saves.</summary>
    internal async Task SettleAsync(
        PortalDbContext context, Actor actor, ApprovalRequest request, ApprovalState state, string action, string? comment, DateTime now, CancellationToken cancellation)
    {
        (request.State, request.DecidedById, request.DecidedByName, request.DecidedAt) = (state, actor.Id, actor.Name, now);
        (request.Comment, request.Version) = (comment, Guid.CreateVersion7());
        audit.Add(context, actor with { RequestedBy = null }, action, TargetOf(request), request.TokenName, new Dictionary<string, object?>(DetailsOf(request))
        {
            ["requested_by"] = request.RequestedByName, ["comment"] = comment,
        });
        if (state != ApprovalState.Withdrawn)
            await notices.AddDecidedAsync(context, request, now, cancellation);
    }

    private static string TargetOf(ApprovalRequest request) => request.TokenHandle ?? request.AccountId;

    /// <summary>The details of each entry about a request. Webhooks need the extension: a new token is created only after the approval.</summary>
    private static Dictionary<string, object?> DetailsOf(ApprovalRequest request) => new()
    {
        ["request"] = request.Id, ["change"] = request.Kind, ["name"] = request.TokenName, ["extension"] = request.ExtensionId,
    };

    /// <summary>Whether a request is for the same thing, so that a person has one waiting request for each.</summary>
    private static bool IsSame(ApprovalRequest request, ApprovalDraft draft) =>
        request.Kind == draft.Kind && (draft.Handle is null ? TokenRules.NameKey(request.TokenName) == TokenRules.NameKey(draft.TokenName) : request.TokenHandle == draft.Handle);

    /// <summary>Whether a person who isn't disabled has one of the roles.</summary>
    private async Task<bool> HoldsAsync(PortalDbContext context, string accountId, string userId, IReadOnlyCollection<Role> roles, CancellationToken cancellation)
    {
        string[] names = [.. roles.Select(role => role.ToString())];
        var user = await context.Users.AsNoTracking().Where(user => user.Id == userId && user.AccountId == accountId)
            .Select(user => new { user.LockoutEnabled, user.LockoutEnd, HasRole = context.UserRoles.Any(held => held.UserId == user.Id && names.Contains(held.RoleId)) })
            .SingleOrDefaultAsync(cancellation);
        return user is { HasRole: true } && !(user.LockoutEnabled && user.LockoutEnd > clock.GetUtcNow());
    }
}
