using Portal.Access;
using Portal.Data;

namespace Portal.Tokens;

public sealed partial class TokenService
{
    /// <summary>Enables a token, so that its keys work again. Does nothing if it is already enabled.</summary>
    /// <param name="condition">The versions of the token that may be changed; null: any.</param>
    public Task<TokenOutcome> EnableAsync(
        Actor actor, string handle, VersionCondition? condition = null, CancellationToken cancellation = default) =>
        SetStatusAsync(actor, handle, StoredStatus.Active, TokenAction.Enable, condition, cancellation);

    /// <summary>Disables a token. Its keys are refused from the next request until it is enabled.</summary>
    /// <param name="condition">The versions of the token that may be changed; null: any.</param>
    public Task<TokenOutcome> DisableAsync(
        Actor actor, string handle, VersionCondition? condition = null, CancellationToken cancellation = default) =>
        SetStatusAsync(actor, handle, StoredStatus.Inactive, TokenAction.Disable, condition, cancellation);

    /// <summary>Deletes a token. Its keys end and its name is free again, but the record can still be viewed, and restored for some time.</summary>
    /// <param name="condition">The versions of the token that may be changed; null: any.</param>
    public async Task<TokenOutcome> DeleteAsync(
        Actor actor, string handle, VersionCondition? condition = null, CancellationToken cancellation = default)
    {
        await RequireAsync(actor, TokenAction.Delete, cancellation);
        return await ChangeAsync(actor, handle, (context, token, now) =>
        {
            var former = new FormerToken(token.Status, token.StartsAt, [.. token.Secrets.Where(secret => secret.EndedAt is null).Select(secret => (secret.Id, secret.Protected))]);
            (token.Status, token.StartsAt, token.DeletedAt) = (StoredStatus.Deleted, null, now);
            foreach (var secret in token.Secrets)
                Retire(secret, now);
            audit.Add(context, actor, TokenAction.Delete.AuditCode, handle, token.Name);
            return new TokenOutcome.Done(handle) { Former = former };
        }, cancellation, condition: condition);
    }

    /// <summary>Checks whether the actor may run an action now.</summary>
    /// <exception cref="ProofNeededException">The person must confirm who they are first.</exception>
    public async Task RequireAsync(Actor actor, TokenAction action, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        if (action.NeedsProof)
            await access.RequireProofAsync(actor, action.Role, cancellation, action.AuditCode, file: "");
        else
            await access.RequireAsync(actor, action.Role, cancellation, action.AuditCode, file: "");
    }

    private async Task<TokenOutcome> SetStatusAsync(Actor actor, string handle, StoredStatus status, TokenAction action, VersionCondition? condition, CancellationToken cancellation)
    {
        await RequireAsync(actor, action, cancellation);
        return await ChangeAsync(actor, handle, async (context, token, now, turn) =>
        {
            if (token.Status != status)
            {
                if (status == StoredStatus.Active && await CheckEnabledAsync(context, token, now, turn) is { } refused)
                    return refused;
                (token.Status, token.StartsAt) = (status, null);
                audit.Add(context, actor, action.AuditCode, handle, token.Name);
            }

            return new TokenOutcome.Done(handle);
        }, cancellation, condition: condition);
    }
}
