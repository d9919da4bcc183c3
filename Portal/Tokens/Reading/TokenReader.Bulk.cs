using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Tokens.Bulk;

namespace Portal.Tokens.Reading;

public sealed partial class TokenReader
{
    /// <summary>Reads the tokens of a selection, and whether an action applies to each. The results of a query are fixed now.</summary>
    /// <exception cref="AccessDeniedException">The actor may not use the action.</exception>
    public async Task<SelectedTokens> ReadBulkAsync(Actor actor, TokenAction action, BulkSelection selection, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Operator, cancellation);
        await access.RequireAsync(actor, action.Role, cancellation);
        if (selection.Count > BulkSelection.Most)
            return new SelectedTokens(selection.Count, []);
        var status = records.Clock;
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var tokens = context.Tokens.AsNoTracking();
        if (selection.Query is { } query)
        {
            var (ids, total) = await finder.FindAsync(context, actor.AccountId, await SelectAsync(context, actor.AccountId, query, status, cancellation), status, 0, BulkSelection.Most, cancellation);
            if (total > BulkSelection.Most)
                return new SelectedTokens(total, []);
            tokens = tokens.Where(token => EF.Parameter(ids).Contains(token.Id));
        }
        else
        {
            var handles = selection.Handles!.ToArray();
            tokens = tokens.Where(token => EF.Parameter(handles).Contains(token.Handle));
        }

        // The account is compared afterwards: with it in the condition, SQLite reads all tokens of the account.
        var rows = (await tokens.Select(token => new
        {
            token.AccountId, token.Handle, token.Name, token.ExternalId, token.Status, token.ExpiresAt, token.PreviousEndsAt, token.LastUsedAt, token.Version, token.StartsAt,
        }).ToListAsync(cancellation)).FindAll(row => row.AccountId == actor.AccountId);
        return new SelectedTokens(rows.Count, [.. rows.Select(row =>
        {
            var hasTwoKeys = row.PreviousEndsAt > status.Now;
            return new BulkToken(
                row.Handle, row.Name, row.ExternalId, status.Of(row.Status, row.ExpiresAt, row.PreviousEndsAt), row.ExpiresAt, hasTwoKeys, row.LastUsedAt,
                row.Version, BulkToken.SkipFor(action, new TokenState(row.Status, row.ExpiresAt, hasTwoKeys, row.StartsAt is not null), status.Now));
        })]);
    }
}
