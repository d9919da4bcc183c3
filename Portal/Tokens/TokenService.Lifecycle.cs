using Portal.Audit;
using Portal.Data;

namespace Portal.Tokens;

public sealed partial class TokenService
{
    /// <summary>Lets the token's keys work again. A token that is enabled already stays so.</summary>
    public Task<TokenOutcome> EnableAsync(Actor actor, string handle, CancellationToken cancellation = default) =>
        SetStatusAsync(actor, handle, StoredStatus.Active, AuditAction.TokenEnabled, cancellation);

    /// <summary>Refuses the token's keys from the next request on, until it is enabled.</summary>
    public Task<TokenOutcome> DisableAsync(Actor actor, string handle, CancellationToken cancellation = default) =>
        SetStatusAsync(actor, handle, StoredStatus.Inactive, AuditAction.TokenDisabled, cancellation);

    /// <summary>Ends the token's keys for good. The record stays, for viewing; its name is free again.</summary>
    public async Task<TokenOutcome> DeleteAsync(Actor actor, string handle, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        return await ChangeAsync(actor, handle, (context, token, now) =>
        {
            (token.Status, token.DeletedAt) = (StoredStatus.Deleted, now);
            foreach (var secret in token.Secrets)
                Retire(secret, now);
            audit.Add(context, actor, AuditAction.TokenDeleted, handle, token.Name);
            return new TokenOutcome.Done(handle);
        }, cancellation);
    }

    private async Task<TokenOutcome> SetStatusAsync(Actor actor, string handle, StoredStatus status, string action, CancellationToken cancellation)
    {
        await access.RequireAsync(actor, Role.Operator, cancellation);
        return await ChangeAsync(actor, handle, (context, token, _) =>
        {
            if (token.Status != status)
            {
                token.Status = status;
                audit.Add(context, actor, action, handle, token.Name);
            }

            return new TokenOutcome.Done(handle);
        }, cancellation);
    }
}
