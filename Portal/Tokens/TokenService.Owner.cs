using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Audit;
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

    /// <summary>Removes the actor as the owner and as the contact of a token. Everyone may do that for themselves: from then on, the administrators are told
    /// about the token. Does nothing if the actor is neither.</summary>
    public async Task<TokenOutcome> RenounceAsync(Actor actor, string handle, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        return await ChangeAsync(actor, handle, async (context, token, _, turn) =>
        {
            var changed = new Dictionary<string, object?>();
            var email = await context.Users.Where(user => user.Id == actor.Id).Select(user => user.Email).SingleOrDefaultAsync(turn);
            if (await context.TokenOwners.AnyAsync(owner => owner.Id == token.OwnerId && owner.UserId == actor.Id, turn)
                && await ChangeOwnerAsync(context, token, OwnerChoice.None, turn) is { } owner)
                changed["owner"] = owner;
            if (email is not null && string.Equals(token.Contact, email, StringComparison.OrdinalIgnoreCase))
            {
                changed["contact"] = new { before = token.Contact, after = (string?)null };
                token.Contact = null;
            }

            if (changed.Count > 0)
                audit.Add(context, actor, AuditAction.TokenUpdated, handle, token.Name, changed);
            return new TokenOutcome.Done(handle);
        }, cancellation);
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
