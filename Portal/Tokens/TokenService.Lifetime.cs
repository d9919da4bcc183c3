using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Data;

namespace Portal.Tokens;

public sealed partial class TokenService
{
    /// <summary>Finds how long keys that the actor creates may be valid. Users have no limit, nor does a token that may create keys that
    /// outlive it.</summary>
    /// <remarks>The limit depends on the key that was sent, not only on the token: during an overlap, the holder of the old key must not use it to get a key
    /// that is valid longer.</remarks>
    /// <returns>Null: no limit.</returns>
    private static async Task<ExpirationLimit?> FindLimitAsync(PortalDbContext context, Actor actor, CancellationToken cancellation)
    {
        if (actor.Kind != ActorKind.Token)
            return null;
        var maker = await context.Tokens.AsNoTracking()
            .Where(token => token.AccountId == actor.AccountId && token.Handle == actor.Id)
            .Select(token => new
            {
                token.ExpiresAt, token.MayOutlive,
                KeyEndsAt = token.Secrets.Where(secret => secret.Id == actor.KeyId).Select(secret => secret.EndsAt).FirstOrDefault(),
            })
            .SingleOrDefaultAsync(cancellation);
        if (maker is null)
            return new ExpirationLimit(actor.Id, DateTime.MinValue);
        return maker.MayOutlive || Earliest(maker.ExpiresAt, maker.KeyEndsAt) is not { } latest ? null : new ExpirationLimit(actor.Id, latest);
    }

    /// <summary>Checks the end of a new key. A token without permission to create keys that outlive it can't create one for a token that has it:
    /// that key would circumvent the limit.</summary>
    /// <returns>Null: valid.</returns>
    private static TokenOutcome? CheckLimit(ExpirationLimit? limit, Token token, DateTime? expiresAt) =>
        limit is null ? null
        : token.MayOutlive
            ? new TokenOutcome.Forbidden(
                $"The token {token.Handle} may create keys that outlive it, and {limit.Handle} may not. Only a token that may, or one without an expiration, can create a key for it.")
        : limit.Check(expiresAt);

    /// <summary>The earliest time. Null means never.</summary>
    private static DateTime? Earliest(params ReadOnlySpan<DateTime?> moments)
    {
        DateTime? earliest = null;
        foreach (var moment in moments)
            if (earliest is null || moment < earliest)
                earliest = moment ?? earliest;
        return earliest;
    }

    /// <summary>Works like <see cref="ChangeSerializedAsync"/>, but also passes the limit at that time.</summary>
    private Task<TokenOutcome> ChangeWithinLimitAsync(
        Actor actor, string handle, Func<PortalDbContext, Token, DateTime, ExpirationLimit?, CancellationToken, Task<TokenOutcome>> change, IdempotentResponseToStore? call,
        VersionCondition? condition, CancellationToken cancellation) =>
        writes.RunAsync(async turn =>
        {
            ExpirationLimit? limit;
            await using (var reading = await contexts.CreateDbContextAsync(turn))
                limit = await FindLimitAsync(reading, actor, turn);
            return await ChangeAsync(actor, handle, (context, token, now, cancel) => change(context, token, now, limit, cancel), turn, call, condition);
        }, cancellation);
}
