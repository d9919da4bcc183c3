using Portal.Access;
using Portal.Data;

namespace Portal.Tokens;

public sealed partial class TokenService
{
    /// <summary>Lets the token's keys work again. A token that is enabled already stays so.</summary>
    /// <param name="condition">Which versions of the token it may be made to; null: any.</param>
    public Task<TokenOutcome> EnableAsync(
        Actor actor, string handle, VersionCondition? condition = null, CancellationToken cancellation = default) =>
        SetStatusAsync(actor, handle, StoredStatus.Active, TokenAction.Enable, condition, cancellation);

    /// <summary>Refuses the token's keys from the next request on, until it is enabled.</summary>
    /// <param name="condition">Which versions of the token it may be made to; null: any.</param>
    public Task<TokenOutcome> DisableAsync(
        Actor actor, string handle, VersionCondition? condition = null, CancellationToken cancellation = default) =>
        SetStatusAsync(actor, handle, StoredStatus.Inactive, TokenAction.Disable, condition, cancellation);

    /// <summary>Ends the token's keys for good. The record stays, for viewing; its name is free again.</summary>
    /// <param name="condition">Which versions of the token it may be made to; null: any.</param>
    public async Task<TokenOutcome> DeleteAsync(
        Actor actor, string handle, VersionCondition? condition = null, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, TokenAction.Delete.Role, cancellation);
        return await ChangeAsync(actor, handle, (context, token, now) =>
        {
            (token.Status, token.DeletedAt) = (StoredStatus.Deleted, now);
            foreach (var secret in token.Secrets)
                Retire(secret, now);
            audit.Add(context, actor, TokenAction.Delete.AuditCode, handle, token.Name);
            return new TokenOutcome.Done(handle);
        }, cancellation, condition: condition);
    }

    private async Task<TokenOutcome> SetStatusAsync(Actor actor, string handle, StoredStatus status, TokenAction action, VersionCondition? condition, CancellationToken cancellation)
    {
        await access.RequireAsync(actor, action.Role, cancellation);
        return await ChangeAsync(actor, handle, (context, token, _) =>
        {
            if (token.Status != status)
            {
                token.Status = status;
                audit.Add(context, actor, action.AuditCode, handle, token.Name);
            }

            return new TokenOutcome.Done(handle);
        }, cancellation, condition: condition);
    }
}
