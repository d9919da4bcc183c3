using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Portal.Data;

namespace Portal.Tokens.Search;

/// <summary>Reads tokens for the search index.</summary>
internal static class IndexedTokenReader
{
    /// <summary>Reads all tokens in order of age, or those that changed in any order.</summary>
    /// <param name="since">Only tokens that changed after this version; null: all.</param>
    public static async IAsyncEnumerable<IndexedToken> ReadAsync(
        PortalDbContext context, string accountId, long? since, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var tokens = context.Tokens.AsNoTracking().Where(token => token.AccountId == accountId);
        // With an order, the database would read all tokens to find those that changed.
        tokens = since is { } version
            ? tokens.Where(token => token.ListVersion > version)
            : tokens.OrderBy(token => token.CreatedAt).ThenBy(token => token.Id);
        // A row for each secret. Nearly all tokens have one or two.
        var rows =
            from token in tokens
            from secret in context.TokenSecrets.Where(secret => secret.TokenId == token.Id && secret.Fingerprint != null).DefaultIfEmpty()
            select new
            {
                Token = new IndexedToken(
                    token.Id, token.Handle, token.SearchText, token.CreatedByName, token.ExtensionId, token.Status, token.CreatedAt, token.ExpiresAt,
                    token.PreviousEndsAt, token.DeletedAt != null),
                secret.Fingerprint,
            };
        IndexedToken? last = null;
        await foreach (var row in rows.AsAsyncEnumerable().WithCancellation(cancellation))
        {
            if (last?.Id != row.Token.Id)
            {
                if (last is not null)
                    yield return last;
                last = row.Token;
            }

            if (row.Fingerprint is { } fingerprint)
                last.Fingerprints.Add(fingerprint);
        }

        if (last is not null)
            yield return last;
    }
}
