using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Portal.Catalog;
using Portal.Data;

namespace Portal.Tokens.Search;

/// <summary>Reads tokens for the search index.</summary>
internal static class IndexedTokenReader
{
    /// <summary>Reads all tokens in order of age, or those that changed in any order.</summary>
    /// <param name="since">Only tokens that changed after this version; null: all.</param>
    public static async IAsyncEnumerable<IndexedToken> ReadAsync(
        PortalDbContext context, ModuleCatalog catalog, string accountId, long? since, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var tokens = context.Tokens.AsNoTracking().Where(token => token.AccountId == accountId);
        if (since is { } version)
            tokens = tokens.Where(token => token.ListVersion > version);
        var extras = await ReadExtrasAsync(tokens, catalog, cancellation);
        // With an order, the database would read all tokens to find those that changed.
        if (since is null)
            tokens = tokens.OrderBy(token => token.CreatedAt).ThenBy(token => token.Id);
        var rows = tokens.Select(token => new
        {
            token.Id, token.Handle, token.SearchText, token.CreatedByName, token.ExtensionId, token.Status, token.AllModules, token.CreatedAt, token.ExpiresAt,
            token.PreviousEndsAt, token.OwnerId, IsDeleted = token.DeletedAt != null,
        });
        await foreach (var row in rows.AsAsyncEnumerable().WithCancellation(cancellation))
            yield return new IndexedToken(
                row.Id, row.Handle, row.SearchText, row.CreatedByName, row.ExtensionId, row.Status, row.CreatedAt, row.ExpiresAt, row.PreviousEndsAt, row.IsDeleted)
            {
                AllModules = row.AllModules, OwnerId = row.OwnerId ?? 0, Modules = extras.ModulesOf(row.Id), Fingerprints = extras.FingerprintsOf(row.Id),
            };
    }

    /// <summary>Reads other tables separately: a join would repeat the row of a token, and look up their rows in the order of the tokens' age.</summary>
    private static async Task<TokenExtras> ReadExtrasAsync(IQueryable<Token> tokens, ModuleCatalog catalog, CancellationToken cancellation)
    {
        var extras = new TokenExtras();
        var grants = tokens.SelectMany(token => token.Permissions).Select(permission => new { permission.TokenId, permission.ModuleId });
        await foreach (var grant in grants.AsAsyncEnumerable().WithCancellation(cancellation))
            if (catalog.FindModule(grant.ModuleId) is { } module)
                extras.AddModule(grant.TokenId, module.Index);
        var secrets = tokens.SelectMany(token => token.Secrets).Where(secret => secret.Fingerprint != null).Select(secret => new { secret.TokenId, secret.Fingerprint });
        await foreach (var secret in secrets.AsAsyncEnumerable().WithCancellation(cancellation))
            extras.AddFingerprint(secret.TokenId, secret.Fingerprint!);
        return extras;
    }
}
