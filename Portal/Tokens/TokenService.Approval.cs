using Portal.Access;
using Portal.Audit;
using Portal.Data;
using Portal.Localization;
using Portal.Policies;
using Portal.Tokens.Approvals;

namespace Portal.Tokens;

public sealed partial class TokenService
{
    /// <summary>Makes the change of a request as it would apply now. The request is marked as approved in the same transaction. Nobody gets the new
    /// key: the requester views it on the page of the token.</summary>
    /// <param name="approver">An administrator, whose access was checked.</param>
    /// <param name="seen">The version of an existing token that the approver saw; null: any.</param>
    internal Task<TokenOutcome> CarryOutAsync(Actor approver, ApprovalEntry request, ApprovalContent content, string? comment, Guid? seen, CancellationToken cancellation)
    {
        var requester = new Actor(ActorKind.User, request.RequestedById, request.RequestedByName, approver.AccountId, Role.Operator);
        var (actor, grant) = (approver with { RequestedBy = request.RequestedByName }, new ApprovalGrant(request.Id, requester, comment) { ReplacesKey = content.ReplacesKey });
        var (handle, condition) = (request.TokenHandle ?? "", seen is { } version ? VersionCondition.Only(version) : null);
        return writes.RunAsync(
            turn => request.Kind switch
            {
                AuditAction.TokenCreated => CreateInTurnAsync(actor, content.ToNewToken(request.ExtensionId, Now), null, grant, turn),
                AuditAction.TokenUpdated => EditInTurnAsync(
                    actor, handle, token => content.ToEdit(token.Name, token.ExternalId, token.Description, ChoiceOf(token)), seen, grant, turn),
                _ when request.Kind == TokenAction.Renew.AuditCode && content.ExpiresAt is { } end => RenewGrantedAsync(actor, handle, end, null, condition, grant, turn),
                _ when request.Kind == TokenAction.Rotate.AuditCode => RotateGrantedAsync(
                    actor, handle, content.ExpiresAt, TimeSpan.FromSeconds(content.OverlapSeconds), content.PerpetualReason, null, condition, grant, turn),
                _ => Task.FromResult<TokenOutcome>(new TokenOutcome.Refused(Texts.Approval_Unreadable)),
            },
            cancellation);
    }

    /// <summary>Makes a change or, if it needs approval and the person asks for it, stores a request in its place.</summary>
    /// <param name="ask">Null: stores nothing.</param>
    private Task<TokenOutcome> AskOrRunAsync(Actor actor, ApprovalAsk? ask, Func<CancellationToken, Task<TokenOutcome>> change, CancellationToken cancellation) =>
        writes.RunAsync(
            async turn => await change(turn) is var outcome && ask is not null && outcome is TokenOutcome.NeedsApproval { Draft: not null } needed
                ? await approvals.RequestAsync(actor, needed, ask, turn)
                : outcome,
            cancellation);

    /// <summary>Checks whether a change must wait for approval. With the consent to a request, marks that as approved.</summary>
    /// <param name="grant">Null: the actor acts for themselves.</param>
    /// <param name="draft">Describes the change; null: it can't wait.</param>
    /// <returns>Null: the change may be made.</returns>
    private async Task<TokenOutcome?> CheckApprovalAsync(
        PortalDbContext context, Actor actor, ApprovalNeed need, ApprovalGrant? grant, string handle, Func<ApprovalDraft>? draft, CancellationToken cancellation)
    {
        if (grant is not null)
            return await approvals.ApproveAsync(context, actor, grant, handle, cancellation);
        if (need.IsNone || !await approvals.ApplyToAsync(context, actor, cancellation))
            return null;
        var rules = string.Join(' ', ApprovalRules.Describe(need, catalog));
        return actor.Kind == ActorKind.Token
            ? new TokenOutcome.Forbidden(CannotWait(actor, rules))
            : new TokenOutcome.NeedsApproval(need, $"{rules} {Texts.Approval_RequestIt}") { Draft = draft?.Invoke() };
    }

    /// <summary>Finds what new modules of a token need.</summary>
    private async Task<ApprovalNeed> FindNeedAsync(PortalDbContext context, Token token, ModuleChoice wanted, CancellationToken cancellation)
    {
        string[] had = [.. token.Permissions.Select(permission => permission.ModuleId)];
        if (token.AllModules || !PermissionsAreEditable(token.ExtensionId) || (!wanted.AllModules && wanted.ModuleIds.All(had.Contains)))
            return ApprovalNeed.None;
        var policy = await PolicyStore.ReadAsync(context, token.AccountId, token.ExtensionId, cancellation);
        return ApprovalRules.OfModules(policy, catalog, hadAll: false, had, wanted);
    }

    private static long NewestKeyOf(Token token) => token.Secrets.Max(secret => secret.Id);

    private static Func<ApprovalDraft> DraftOf(Token token, TokenAction action, DateTime? expiresAt, TimeSpan? overlap, string? perpetualReason)
    {
        var newest = NewestKeyOf(token);
        return () => new ApprovalDraft(action.AuditCode, token.Handle, token.Name, token.ExtensionId, new ApprovalContent
        {
            ReplacesKey = newest, Name = token.Name, ExpiresAt = expiresAt, PerpetualReason = perpetualReason, OverlapSeconds = (long)(overlap ?? TimeSpan.Zero).TotalSeconds,
        });
    }
}
