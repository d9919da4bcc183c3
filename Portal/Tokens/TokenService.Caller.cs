using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Data;

namespace Portal.Tokens;

public sealed partial class TokenService
{
    /// <summary>Checks once more, in the turn of the change, that the calling token may still do what it was let in for.</summary>
    /// <remarks>The gate judged it when the head of the request arrived. A body that comes slowly, or a database that is held, can let any
    /// time pass until the change; a token that was disabled meanwhile must not enable itself again, or make itself a new key.</remarks>
    /// <returns>Null: it may, or the actor is no token.</returns>
    private async Task<TokenOutcome.Forbidden?> CheckCallerAsync(PortalDbContext context, Actor actor, CancellationToken cancellation)
    {
        if (actor is not { Kind: ActorKind.Token, KeyId: { } keyId })
            return null;
        var caller = await context.Tokens.AsNoTracking()
            .Where(token => token.AccountId == actor.AccountId && token.Handle == actor.Id)
            .Select(token => new { token.Id, token.Status, token.AllModules })
            .SingleOrDefaultAsync(cancellation);
        var key = await context.TokenSecrets.AsNoTracking()
            .Where(secret => secret.Id == keyId)
            .Select(secret => new { secret.TokenId, secret.EndedAt, secret.EndsAt })
            .SingleOrDefaultAsync(cancellation);
        if (caller is not { Status: StoredStatus.Active } || key is null || key.TokenId != caller.Id || key.EndedAt is not null
            || key.EndsAt <= clock.GetUtcNow().UtcDateTime)
            return new TokenOutcome.Forbidden(
                $"The token {actor.Id} was disabled or deleted, or its key ended, while this request was in progress. Nothing was changed.");
        if (caller.AllModules)
            return null;
        var modules = await context.TokenPermissions.AsNoTracking()
            .Where(permission => permission.TokenId == caller.Id)
            .Select(permission => permission.ModuleId)
            .ToListAsync(cancellation);
        return actor.OnlyModules?.All(modules.Contains) == true ? null : new TokenOutcome.Forbidden(
            $"The token {actor.Id} lost modules while this request was in progress. Nothing was changed; send the request again.");
    }
}
