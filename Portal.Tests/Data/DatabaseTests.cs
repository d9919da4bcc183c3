using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.Tests.Support;

namespace Portal.Tests.Data;

public sealed class DatabaseTests
{
    [SqliteOnly]
    [Theory]
    [InlineData("journal_mode", "wal")]
    [InlineData("synchronous", "2")] // FULL
    [InlineData("foreign_keys", "1")]
    [InlineData("journal_size_limit", "67108864")]
    [InlineData("query_only", "1")] // Outside the write queue.
    public async Task Connection_EveryOne_IsDurableAndChecksForeignKeys(string pragma, string expected)
    {
        await using var portal = await TestPortal.CreateAsync();
        await using var first = await portal.OpenAsync();
        await using var second = await portal.OpenAsync();
        await first.Database.OpenConnectionAsync();
        second.Database.OpenConnection();

        Assert.Equal(expected, await PragmaAsync(first, pragma));
        Assert.Equal(expected, await PragmaAsync(second, pragma));
    }

    [SqliteOnly]
    [Fact]
    public async Task Migrate_NoFileThenAgain_MakesItOnceAndKeepsWhatIsInIt()
    {
        var directory = Directory.CreateTempSubdirectory("portal-test-").FullName;
        await File.WriteAllBytesAsync(Path.Combine(directory, "portal.db"), []);
        string handle;
        await using (var first = await TestPortal.CreateAsync(directory))
        {
            await first.Services.MigrateDatabaseAsync();
            await using var context = await first.OpenAsync();
            context.Accounts.Add(new Account { Id = TestPortal.Account, Name = "Main account" });
            context.AddUser(first.Operator);
            context.AddUser(first.Viewer);
            await context.SaveChangesAsync();
            handle = (await first.CreateAsync()).Handle;
        }

        await using (var second = await TestPortal.CreateAsync(directory))
        {
            await second.Services.MigrateDatabaseAsync();
            Assert.Equal("Nightly report", (await second.DetailsAsync(handle)).Name);
            await using var context = await second.OpenAsync();
            Assert.Empty(await context.Database.GetPendingMigrationsAsync());
            Assert.False(context.Database.HasPendingModelChanges());
            Assert.Equal(["Administrator", "Operator", "Viewer"], await context.Roles.Select(role => role.Name).OrderBy(name => name).ToListAsync());
        }

        Directory.Delete(directory, recursive: true);
    }

    [SqliteOnly]
    [Fact]
    public async Task Migrate_LockLeftByAKilledProcess_DoesNotWaitForEver()
    {
        var directory = Directory.CreateTempSubdirectory("portal-test-").FullName;
        await File.WriteAllBytesAsync(Path.Combine(directory, "portal.db"), []);
        await using (var portal = await TestPortal.CreateAsync(directory))
        {
            await portal.ExecuteAsync(
                """
                CREATE TABLE "__EFMigrationsLock" ("Id" INTEGER NOT NULL PRIMARY KEY, "Timestamp" TEXT NOT NULL);
                INSERT INTO "__EFMigrationsLock" VALUES (1, '2030-01-15 12:00:00')
                """);
            await portal.Services.MigrateDatabaseAsync().WaitAsync(TimeSpan.FromSeconds(20));
        }

        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task Save_TokenOfNoAccount_IsRefused()
    {
        await using var portal = await TestPortal.CreateAsync();
        var stored = await portal.CreateAsync();

        await using var context = await portal.OpenAsync();
        var token = await context.Tokens.SingleAsync(token => token.Handle == stored.Handle);
        context.Entry(token).Property(token => token.AccountId).CurrentValue = "PA-999-999";

        var refused = await Assert.ThrowsAsync<DbUpdateException>(() => context.SaveChangesAsync());

        Assert.True(DatabaseErrors.IsOrphan(refused));
        Assert.False(DatabaseErrors.IsDuplicate(refused));
    }

    [Fact]
    public async Task Read_StoredTimes_AreUtcAndExactToTheMicrosecond()
    {
        await using var portal = await TestPortal.CreateAsync();
        var end = portal.Now.AddDays(1).AddTicks(1_234_560);

        var token = await portal.DetailsAsync((await portal.CreateAsync(TestTokens.Wanted() with { ExpiresAt = end })).Handle);

        Assert.Equal((end, DateTimeKind.Utc), (token.ExpiresAt, token.ExpiresAt!.Value.Kind));
        Assert.Equal((portal.Now, DateTimeKind.Utc), (token.Created.At, token.Created.At.Kind));
    }

    [Theory]
    [InlineData(5, "locked by another program")]
    [InlineData(6, "locked by another program")]
    [InlineData(8, "read-only")]
    [InlineData(10, "input/output error")]
    [InlineData(11, "not an intact SQLite database")]
    [InlineData(13, "full")]
    [InlineData(14, "cannot be opened")]
    [InlineData(26, "not an intact SQLite database")]
    public void Advice_EachFailureOfTheFile_SaysWhatToDoInOneLine(int code, string part)
    {
        var advice = DatabaseErrors.Advice(new InvalidOperationException("outer", new SqliteException("inner", code)), "/data/portal.db");

        Assert.Contains(part, advice, StringComparison.Ordinal);
        Assert.Contains("/data/portal.db", advice, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', advice!);
    }

    [Fact]
    public void Advice_AnythingElse_IsNone()
    {
        Assert.Null(DatabaseErrors.Advice(new InvalidOperationException("no such thing"), "/data/portal.db"));
        Assert.Null(DatabaseErrors.Advice(new SqliteException("syntax error", 1), "/data/portal.db"));
    }

    [Theory]
    [InlineData(5, "Another program has locked")]
    [InlineData(8, "allowed to write")]
    [InlineData(10, "cannot be read or written")]
    [InlineData(13, "is full")]
    public void Cause_FailureOfTheFile_SaysThatNothingWasSavedAndWhatToDo(int code, string part)
    {
        var cause = DatabaseErrors.Cause(new DbUpdateException("outer", new SqliteException("inner", code)));

        Assert.Contains(part, cause, StringComparison.Ordinal);
        Assert.Contains("nothing was saved", cause, StringComparison.Ordinal);
        Assert.EndsWith("then try again.", cause, StringComparison.Ordinal);
    }

    [Fact]
    public void Cause_AnythingElse_IsNone() => Assert.Null(DatabaseErrors.Cause(new InvalidOperationException("no such thing")));

    private static async Task<string> PragmaAsync(PortalDbContext context, string name)
    {
        await using var command = context.Database.GetDbConnection().CreateCommand();
        command.CommandText = $"PRAGMA {name}";
        return (await command.ExecuteScalarAsync())!.ToString()!;
    }
}
