using Portal.Access;
using Portal.Audit;
using Portal.Data;
using Portal.Localization;

namespace Portal.Tokens;

public sealed partial class TokenService
{
    /// <summary>Restores a deleted token. Its keys that hadn't ended when it was deleted work again as soon as it is active, but can't be shown.</summary>
    /// <param name="condition">The versions of the token that may be changed; null: any.</param>
    /// <returns>Invalid: another token has its name. Refused: it isn't deleted, or was deleted too long ago, or the reason is missing.</returns>
    public async Task<TokenOutcome> RestoreAsync(
        Actor actor, string handle, TokenRestoration wanted, VersionCondition? condition = null, CancellationToken cancellation = default)
    {
        await RequireAsync(actor, TokenAction.Restore, cancellation);
        if (wanted.Name is not null && TokenRules.CheckName(wanted.Name) is { } fault)
            return new TokenOutcome.Invalid([new Fault(TokenField.Name, fault)]);
        var reason = TextRules.Clean(wanted.Reason);
        if (wanted.Activate && reason is null)
            return new TokenOutcome.Refused(Texts.TokenRestore_ReasonMissing);
        if (reason is not null && TextRules.Check(reason, Texts.TokenRestore_Reason, Token.ReasonLength) is { } tooLong)
            return new TokenOutcome.Refused(tooLong);
        return await ChangeAsync(actor, handle, async (context, token, now, turn) =>
        {
            if (token.DeletedAt is not { } deletedAt || deletedAt.AddDays(options.Value.DeletedRetentionDays) <= now)
                return new TokenOutcome.Refused(TooLate(options.Value.DeletedRetentionDays));
            var name = wanted.Name?.Trim() ?? token.Name;
            if (await IsNameTakenAsync(context, actor.AccountId, name, handle, turn))
                return new TokenOutcome.Invalid([new Fault(TokenField.Name, TokenRules.NameInUse(name))]);
            if (await CheckRestoredAsync(context, actor, token, wanted.Activate, now, turn) is { } against)
                return against;
            var before = token.Name;
            (token.Name, token.NameKey) = (name, TokenRules.NameKey(name));
            token.SearchText = TokenRules.SearchText(handle, name, token.ExternalId, token.Description);
            Restore(token, wanted.Activate ? StoredStatus.Active : StoredStatus.Inactive, [.. token.Secrets.Where(secret => secret.EndedAt == deletedAt).Select(secret => (secret.Id, secret.Protected))]);
            var details = new Dictionary<string, object?> { ["status"] = wanted.Activate ? "active" : "inactive", ["reason"] = reason };
            if (before != name)
                details["name"] = new { before, after = name };
            audit.Add(context, actor, AuditAction.TokenRestored, handle, name, details);
            return new TokenOutcome.Done(handle);
        }, cancellation, condition: condition, ofDeleted: true);
    }

    /// <summary>Undoes a deletion: the token is as it was before, including its keys and their encrypted copies.</summary>
    /// <param name="condition">Only the version that the deletion left.</param>
    internal async Task<TokenOutcome> UndoDeletionAsync(Actor actor, string handle, FormerToken former, VersionCondition? condition, CancellationToken cancellation = default)
    {
        await RequireAsync(actor, TokenAction.Delete, cancellation);
        return await ChangeAsync(actor, handle, async (context, token, now, turn) =>
        {
            if (await IsNameTakenAsync(context, actor.AccountId, token.Name, handle, turn))
                return new TokenOutcome.Refused(TokenRules.NameInUse(token.Name));
            if (await CheckRestoredAsync(context, actor, token, works: false, now, turn) is { } against)
                return against;
            Restore(token, former.Status, former.Secrets);
            token.StartsAt = former.StartsAt;
            audit.Add(context, actor, AuditAction.TokenRestored, handle, token.Name, new Dictionary<string, object?> { ["undo"] = true });
            return new TokenOutcome.Done(handle);
        }, cancellation, condition: condition, ofDeleted: true);
    }

    private static string TooLate(int days) =>
        days == 0 ? Texts.TokenRestore_Off : TextFormat.Count(days, Texts.TokenRestore_TooLate_One, Texts.TokenRestore_TooLate_Other);

    /// <summary>Keys that have ended in the meantime stay ended: a rotated or expired key never works again.</summary>
    private void Restore(Token token, StoredStatus status, IReadOnlyList<(long Id, byte[]? Protected)> secrets)
    {
        (token.Status, token.DeletedAt) = (status, null);
        var now = trustedClock.GetUtcNow().UtcDateTime;
        foreach (var (id, copy) in secrets)
            if (token.Secrets.Find(secret => secret.Id == id) is { } secret && (secret.EndsAt is null || secret.EndsAt > now))
                (secret.EndedAt, secret.Protected) = (null, copy);
    }
}
