using System.Diagnostics;
using System.Net;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.Tests.Support;

namespace Portal.Tests.Hosting;

/// <summary>A damaged page of the database that nothing reads at first.</summary>
[Slow]
public sealed class DamagedPageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("portal-test-").FullName;

    private string Database => Path.Combine(_folder, "portal.db");

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Start_MigrationDoesNotReadIt_Stops()
    {
        await MigrateAsync();
        await DamageAuditIndexAsync();
        var stopped = await Assert.ThrowsAsync<DatabaseUnusableException>(MigrateAsync);
        Assert.Contains("SQLite says: ", stopped.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ready_NobodyReadsIt_Is503WithinSeconds()
    {
        await using var portal = new PortalHost("Development", null, _folder);
        await portal.InitializeAsync();
        portal.Services.GetRequiredService<IntegrityCheck>().Check();
        await ExecuteAsync("PRAGMA wal_checkpoint(TRUNCATE)");
        await DamageAuditIndexAsync();
        var status = HttpStatusCode.OK;
        for (var since = Stopwatch.GetTimestamp(); status == HttpStatusCode.OK && Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(30);)
            using (var ready = await portal.Client.GetAsync("/health/ready", TestContext.Current.CancellationToken))
                status = ready.StatusCode;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
    }

    private async Task MigrateAsync()
    {
        await using var portal = TestPortal.Open(_folder);
        await portal.Services.MigrateDatabaseAsync();
    }

    /// <summary>Damages a page that neither a start nor a health check reads.</summary>
    private async Task DamageAuditIndexAsync()
    {
        SqliteConnection.ClearAllPools();
        long page;
        await using (var context = StoredData.Open(_folder))
            page = (await context.Database.SqlQueryRaw<long>("SELECT rootpage AS Value FROM sqlite_schema WHERE name = 'IX_AuditEntries_AccountId_TargetId_At'").ToListAsync()).Single();
        SqliteConnection.ClearAllPools();
        await using var file = new FileStream(Database, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.Position = (page - 1) * 4096;
        await file.WriteAsync(Enumerable.Repeat((byte)0x5A, 4096).ToArray(), TestContext.Current.CancellationToken);
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Database};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
