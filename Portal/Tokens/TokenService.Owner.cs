using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Data;

namespace Portal.Tokens;

public sealed partial class TokenService
{
    /// <summary>Changes who is responsible for a token. Its keys don't change.</summary>
    /// <param name="condition">The versions of the token that may be changed; null: any.</param>
    public async Task<TokenOutcome> ChangeOwnerAsync(
        Actor actor, string handle, OwnerChoice owner, VersionCondition? condition = null, CancellationToken cancellation = default)
    {
        await RequireAsync(actor, TokenAction.ChangeOwner, cancellation);
        return await ChangeAsync(actor, handle, async (context, token, _, turn) =>
        {
            if (await TokenOwnerStore.CheckAsync(context, actor.AccountId, owner, turn) is { } fault)
                return new TokenOutcome.Invalid([new Fault(TokenField.Owner, fault)]);
            if (await ChangeOwnerAsync(context, token, owner, turn) is not { } changed)
                return new TokenOutcome.Done(handle);
            if (await CheckNewOwnerAsync(context, actor, token, turn) is { } full)
                return full;
            audit.Add(context, actor, TokenAction.ChangeOwner.AuditCode, handle, token.Name, new Dictionary<string, object?> { ["owner"] = changed });
            return new TokenOutcome.Done(handle);
        }, cancellation, condition: condition);
    }

    /// <summary>Finds the owner of a new token.</summary>
    /// <param name="choice">Null: the default, see <see cref="NewToken.Owner"/>.</param>
    private static async Task<int?> FindOwnerAsync(PortalDbContext context, Actor actor, OwnerChoice? choice, CancellationToken cancellation)
    {
        if (choice is not null)
            return await TokenOwnerStore.FindOrAddAsync(context, actor.AccountId, choice, cancellation);
        if (actor.Kind == ActorKind.Token)
            return await context.Tokens.Where(token => token.Handle == actor.Id).Select(token => token.OwnerId).SingleOrDefaultAsync(cancellation);
        var self = OwnerChoice.OfUser(actor.Id);
        return actor.Kind == ActorKind.User && await TokenOwnerStore.CheckAsync(context, actor.AccountId, self, cancellation) is null
            ? await TokenOwnerStore.FindOrAddAsync(context, actor.AccountId, self, cancellation)
            : null;
    }

    /// <returns>The old and the new owner; null: unchanged.</returns>
    private static async Task<object?> ChangeOwnerAsync(PortalDbContext context, Token token, OwnerChoice choice, CancellationToken cancellation)
    {
        var before = token.OwnerId is { } id ? (await TokenOwnerStore.ReadAsync(context, [id], cancellation)).GetValueOrDefault(id) : null;
        if (before?.IsFormer is not true && OwnerChoice.AreSame(OwnerChoice.Parse(before?.Code), choice))
            return null;
        token.OwnerId = await TokenOwnerStore.FindOrAddAsync(context, token.AccountId, choice, cancellation);
        return new { before = before?.Name, after = choice.Team ?? choice.UserId };
    }
}
