using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Audit;
using Portal.Data;

namespace Portal.Tokens;

public sealed partial class TokenService
{
    /// <summary>Checks again, as part of the change, that a token is still allowed to make it. For people, <see cref="ActorInterceptor"/> does this.</summary>
    /// <remarks>The middleware checked it when the request headers arrived. A slow body or a locked database can delay the change for any
    /// length of time. A token that was disabled meanwhile must not enable itself again or create a new key for itself.</remarks>
    /// <returns>Null: it is allowed.</returns>
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

    /// <summary>Says why a token can't make a change that needs approval.</summary>
    private static string CannotWait(Actor actor, string rules) =>
        $"{rules} The token {actor.Id} was created by someone who isn't an administrator, and a program can't wait for approval. Request the change on the pages of Portal, or ask an administrator to make it.";
}
