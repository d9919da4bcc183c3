using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Data;
using Portal.Tokens;

namespace Portal.Bench.Seeds;

/// <summary>Fills a data directory with tokens.</summary>
internal static class Seed
{
    public const string OtherAccount = "PA-000-002";

    /// <summary>The index in <see cref="Models"/> of the token with all modules.</summary>
    public const int AllModules = 1;

    /// <summary>Tokens that Portal itself creates, so that no column is forgotten. The seeded tokens are copies of them.</summary>
    public static readonly (string ExtensionId, ModuleChoice Modules)[] Models =
    [
        ("EXT-000", new ModuleChoice(false, ["MD-0002", "MD-0003"])),
        ("EXT-000", ModuleChoice.All),
        ("EXT-001", new ModuleChoice(false, [])),
        ("EXT-002", new ModuleChoice(false, [])),
        ("EXT-003", new ModuleChoice(false, ["MD-0015"])),
        ("EXT-000", new ModuleChoice(false, ["MD-0013"])),
    ];

    public static Actor Actor { get; } = new(ActorKind.System, "bench", "Bench", "PA-000-001", Role.Administrator);

    /// <summary>Creates a data directory with this many tokens of <see cref="SeededKeys"/>.</summary>
    /// <param name="varied">Whether they differ as in <see cref="SeededToken.Varied"/>. Otherwise every key is valid for Agreements and
    /// Billing.</param>
    public static async Task CreateAsync(string program, string dataDirectory, int tokens, bool varied = false)
    {
        await using var app = await PortalServices.OpenAsync(program, dataDirectory);
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        await using (var context = await app.Services.GetRequiredService<IDbContextFactory<PortalDbContext>>().CreateDbContextAsync())
        {
            context.Accounts.Add(new Account { Id = Actor.AccountId, Name = Actor.Name, CreatedAt = now });
            context.Accounts.Add(new Account { Id = OtherAccount, Name = "Another account", CreatedAt = now });
            await context.SaveChangesAsync();
        }

        List<string> models = [];
        foreach (var (extension, modules) in Models)
            models.Add(((TokenOutcome.Done)await app.Services.GetRequiredService<TokenService>().CreateAsync(
                Actor, new NewToken(Guid.CreateVersion7(), $"Model {models.Count}", null, null, null, extension, modules))).Handle);
        var database = app.Services.GetRequiredService<DataDirectory>().Database;
        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = database, Pooling = false }.ToString());
        await connection.OpenAsync();
        await CopyAsync(
            connection, models, Enumerable.Range(0, tokens).Select(i => varied ? SeededToken.Varied(i, tokens, now) : SeededToken.Plain(i, now)),
            app.Services.GetRequiredService<SecretProtector>());
    }

    private static async Task CopyAsync(SqliteConnection connection, List<string> models, IEnumerable<SeededToken> tokens, SecretProtector protector)
    {
        // No one else uses it, and data lost in a power cut can be created again.
        await ExecuteAsync(connection, "PRAGMA synchronous=OFF; PRAGMA cache_size=-500000; PRAGMA foreign_keys=ON");
        await using (var transaction = connection.BeginTransaction())
        {
            List<TokenCopy> copies = [];
            foreach (var model in models)
                copies.Add(await TokenCopy.OfAsync(connection, model));
            var (i, firstId) = (0, copies.Max(copy => copy.ModelId) + 1);
            foreach (var token in tokens)
            {
                await copies[token.Model].AddAsync(firstId + i, SeededKeys.At(i), token, protector);
                i++;
            }

            foreach (var copy in copies)
                await copy.DisposeAsync();
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
