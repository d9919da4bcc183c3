using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Portal.Audit;
using Portal.Data;
using Portal.Tokens;

namespace Portal.Bench.Seeds;

/// <summary>Fills a data directory with tokens.</summary>
internal static class Seed
{
    public static Actor Actor { get; } = new(ActorKind.System, "bench", "Bench", "PA-000-001", Role.Administrator);

    /// <summary>Makes a data directory with so many tokens of <see cref="SeededKeys"/>, each for Agreements and Billing.</summary>
    public static async Task CreateAsync(string program, string dataDirectory, int tokens)
    {
        await using var app = await PortalServices.OpenAsync(program, dataDirectory);
        await using (var context = await app.Services.GetRequiredService<IDbContextFactory<PortalDbContext>>().CreateDbContextAsync())
        {
            context.Accounts.Add(new Account { Id = Actor.AccountId, Name = Actor.Name, CreatedAt = TimeProvider.System.GetUtcNow().UtcDateTime });
            await context.SaveChangesAsync();
        }

        // The model for all: made by Portal, so that no column is forgotten.
        var model = (TokenOutcome.Done)await app.Services.GetRequiredService<TokenService>().CreateAsync(
            Actor, new NewToken(Guid.CreateVersion7(), "Model", null, null, null, "EXT-000", new ModuleChoice(false, ["MD-0002", "MD-0003"])));
        var database = app.Services.GetRequiredService<DataDirectory>().Database;
        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = database, Pooling = false }.ToString());
        await connection.OpenAsync();
        await CopyAsync(connection, model.Handle, tokens, app.Services.GetRequiredService<SecretProtector>());
    }

    private static async Task CopyAsync(SqliteConnection connection, string model, int tokens, SecretProtector protector)
    {
        // Nobody else is there, and what a power cut would lose can be made again.
        await ExecuteAsync(connection, "PRAGMA synchronous=OFF; PRAGMA cache_size=-500000; PRAGMA foreign_keys=ON");
        await using (var transaction = connection.BeginTransaction())
        {
            await using var token = new RowCopy(
                connection, "Tokens", "Handle", model, ["Id", "Handle", "CreationId", "Name", "NameKey", "SearchText", "Version"]);
            var modelId = await token.ValueAsync("Id");
            await using var secret = new RowCopy(connection, "TokenSecrets", "TokenId", modelId, ["Id", "TokenId", "Hash", "Protected"]);
            await using var permission = new RowCopy(connection, "TokenPermissions", "TokenId", modelId, ["TokenId"]);
            for (var i = 0; i < tokens; i++)
            {
                var (key, id, name) = (SeededKeys.At(i), (long)modelId + 1 + i, $"Seeded {i}");
                await token.AddAsync(
                    id, key.Handle, Guid.CreateVersion7(), name, TokenRules.NameKey(name),
                    TokenRules.SearchText(key.Handle, name, null, null), Guid.CreateVersion7());
                await secret.AddAsync(id, id, key.Hash(), protector.Protect(key));
                await permission.AddAsync(id);
            }

            await transaction.CommitAsync();
        }

        await ExecuteAsync(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
    }

    private static async Task ExecuteAsync(SqliteConnection connection, string statement)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = statement;
        await command.ExecuteNonQueryAsync();
    }
}
