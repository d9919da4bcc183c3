using Portal.Access;
using Portal.Localization;

namespace Portal.Tokens;

public sealed partial class TokenService
{
    /// <summary>Lets the keys of a token end earlier. A token without expiration gets one.</summary>
    /// <param name="expiresAt">The latest end of its keys, UTC.</param>
    /// <param name="condition">The versions of the token that may be changed; null: any.</param>
    /// <returns>Done, NotFound, Refused (deleted, or its key ends earlier anyway) or Invalid.</returns>
    public async Task<TokenOutcome> ShortenAsync(
        Actor actor, string handle, DateTime expiresAt, VersionCondition? condition = null, CancellationToken cancellation = default)
    {
        await RequireAsync(actor, TokenAction.Shorten, cancellation);
        return await ChangeAsync(actor, handle, (context, token, now) =>
        {
            if (TokenRules.CheckExpiration(expiresAt, now) is { } fault)
                return new TokenOutcome.Invalid([new Fault(TokenField.Expiration, fault)]);
            if (token.ExpiresAt <= expiresAt)
                return new TokenOutcome.Refused(Texts.TokenService_EndsEarlier);
            var before = token.ExpiresAt;
            foreach (var secret in token.Secrets)
                End(secret, expiresAt, now);
            (token.ExpiresAt, token.PerpetualReason) = (expiresAt, null);
            if (token.PreviousEndsAt > expiresAt)
                token.PreviousEndsAt = expiresAt;
            audit.Add(
                context, actor, TokenAction.Shorten.AuditCode, handle, token.Name,
                new Dictionary<string, object?> { ["expires"] = new { before, after = expiresAt } });
            return new TokenOutcome.Done(handle);
        }, cancellation, condition: condition);
    }
}
