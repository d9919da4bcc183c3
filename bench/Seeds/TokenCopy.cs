using Microsoft.Data.Sqlite;
using Portal.Localization;
using Portal.Tokens;

namespace Portal.Bench.Seeds;

/// <summary>Copies a token with its secret and its permissions.</summary>
internal sealed class TokenCopy : IAsyncDisposable
{
    private static readonly string[] Changed =
    [
        "Id", "Handle", "CreationId", "Name", "NameSortKey", "NameKey", "SearchText", "Version",
        "AccountId", "ExternalId", "Description", "Status", "CreatedAt", "ExpiresAt", "PreviousEndsAt", "DeletedAt",
    ];

    private readonly RowCopy _token, _secret, _permissions;

    private TokenCopy(SqliteConnection connection, RowCopy token, long modelId)
    {
        (_token, ModelId) = (token, modelId);
        _secret = new RowCopy(connection, "TokenSecrets", "TokenId", modelId, ["Id", "TokenId", "Hash", "Protected", "EndsAt", "Fingerprint"]);
        _permissions = new RowCopy(connection, "TokenPermissions", "TokenId", modelId, ["TokenId"]);
    }

    public long ModelId { get; }

    public static async Task<TokenCopy> OfAsync(SqliteConnection connection, string model)
    {
        var token = new RowCopy(connection, "Tokens", "Handle", model, Changed);
        return new TokenCopy(connection, token, (long)await token.ValueAsync("Id"));
    }

    public async Task AddAsync(long id, ApiKey key, SeededToken token, SecretProtector protector)
    {
        await _token.AddAsync(
            id, key.Handle, Guid.CreateVersion7(), token.Name, NameCollation.SortKey(token.Name), TokenRules.NameKey(token.Name),
            TokenRules.SearchText(key.Handle, token.Name, token.ExternalId, token.Description), Guid.CreateVersion7(),
            token.AccountId, token.ExternalId, token.Description, (int)token.Status,
            token.CreatedAt, token.ExpiresAt, token.PreviousEndsAt, token.DeletedAt);
        await _secret.AddAsync(id, id, key.Hash(), protector.Protect(key), token.ExpiresAt, key.Fingerprint);
        await _permissions.AddAsync(id);
    }

    public async ValueTask DisposeAsync()
    {
        await _token.DisposeAsync();
        await _secret.DisposeAsync();
        await _permissions.DisposeAsync();
    }
}
