using System.Diagnostics;
using System.Net;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.Hosting;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Hosting;

/// <summary>A data directory that is incomplete or consists of parts of several: reported at startup in one line with advice, or on the health
/// endpoint, and never made worse.</summary>
[Slow]
public sealed class RestoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("portal-test-").FullName;

    private string Database => Path.Combine(_folder, "portal.db");
    private string Keys => Path.Combine(_folder, "keys");

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("empty")]
    public async Task Start_KeyRingWithoutItsDatabase_Stops(string database)
    {
        await StoredData.WithTokenAsync(_folder);
        SqliteConnection.ClearAllPools();
        File.Delete(Database);
        if (database == "empty")
            await File.WriteAllBytesAsync(Database, []);

        await AssertStopsAsync("the key ring that belongs to it is still there: restore portal.db from a backup, or move the folder");
        Assert.Equal(database == "empty", File.Exists(Database));
        Directory.Move(Keys, Path.Combine(_folder, "away"));
        await MigrateAsync();
    }

    [Fact]
    public async Task Start_WriteAheadLogWithoutItsDatabase_Stops()
    {
        await File.WriteAllBytesAsync(Database + "-wal", new byte[4096]);
        await AssertStopsAsync("is missing or empty, but");
    }

    [Fact]
    public async Task Start_LinkToNothing_Stops()
    {
        File.CreateSymbolicLink(Database, Path.Combine(_folder, "elsewhere.db"));
        await AssertStopsAsync("which does not exist: restore that file, or remove the link.");
    }

    [Fact]
    public async Task Start_DatabaseOfANewerVersion_Stops()
    {
        await MigrateAsync();
        await ExecuteAsync("""INSERT INTO "__EFMigrationsHistory" VALUES ('20990101000000_Later', '20.0.0')""");
        var stopped = await Assert.ThrowsAsync<DatabaseUnusableException>(MigrateAsync);
        Assert.Contains("newer version of Portal (it has 20990101000000_Later): start that version", stopped.Message, StringComparison.Ordinal);
    }

    /// <summary>A typical restore: Portal was killed, and the backup is copied over the database.</summary>
    [Fact]
    public async Task Start_BackupRestoredBesideAnOldLog_StopsUntilTheLogIsGone()
    {
        var backup = Path.Combine(_folder, "backup.db");
        string[] before, after;
        await using (var portal = await PortalProcess.StartAsync(_folder))
        {
            await AddAccountAsync("PA-000-001");
            await BackUpAsync(backup);
            await AddAccountAsync("PA-000-002");
            before = ["PA-000-001"];
            after = ["PA-000-001", "PA-000-002"];
            await portal.KillAsync();
        }

        var (log, shared) = (await File.ReadAllBytesAsync(Database + "-wal"), await File.ReadAllBytesAsync(Database + "-shm"));
        // Without a restore, the log belongs to the database, and confirmed changes are kept.
        await MigrateAsync();
        Assert.Equal(after, await AccountsAsync());

        await File.WriteAllBytesAsync(Database, await File.ReadAllBytesAsync(backup));
        await File.WriteAllBytesAsync(Database + "-wal", log);
        await File.WriteAllBytesAsync(Database + "-shm", shared);
        await AssertStopsAsync("portal.db-wal does not belong to");

        File.Delete(Database + "-wal");
        File.Delete(Database + "-shm");
        await MigrateAsync();
        Assert.Equal(before, await AccountsAsync());
    }

    [Fact]
    public async Task Ready_DamagedPage_Is503WithTheReasonAtOnceAndTheNextStartStops()
    {
        await using (var portal = new PortalHost("Development", null, _folder))
        {
            await portal.InitializeAsync();
            Assert.Equal("Healthy", await portal.Client.GetStringAsync("/health/ready"));
            portal.Services.GetRequiredService<IntegrityCheck>().Check();
            await ExecuteAsync("PRAGMA wal_checkpoint(TRUNCATE)");
            await DamageAsync();
            portal.Services.GetRequiredService<IntegrityCheck>().Check();
            using var ready = await portal.Client.GetAsync("/health/ready", TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
            Assert.Equal("Unhealthy\nThe database file is damaged: restore it from a backup.", await ready.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            Assert.Contains("is damaged: stop Portal and restore the file from a backup", portal.Log.Text, StringComparison.Ordinal);
        }

        SqliteConnection.ClearAllPools();
        await Assert.ThrowsAsync<DatabaseUnusableException>(MigrateAsync);
    }

    /// <summary>Otherwise a copy of the file that is restored beside the log of a later run would seem to own it.</summary>
    [Fact]
    public async Task Start_EachTime_GivesTheDatabaseAnotherMark()
    {
        await MigrateAsync();
        var first = await File.ReadAllTextAsync(Path.Combine(_folder, "portal.wal-owner"));
        await MigrateAsync();
        Assert.NotEqual(first, await File.ReadAllTextAsync(Path.Combine(_folder, "portal.wal-owner")));
    }

    [Fact]
    public async Task Run_DamagedPageThatNobodyReads_IsFoundByItself()
    {
        await MigrateAsync();
        await DamageAsync();
        await using var portal = TestPortal.Open(_folder);
        var (check, damage) = (portal.Services.GetRequiredService<IntegrityCheck>(), portal.Services.GetRequiredService<DatabaseDamage>());
        await check.StartAsync(TestContext.Current.CancellationToken);
        for (var since = Stopwatch.GetTimestamp(); !damage.IsFound && Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(10);)
            await Task.Yield();
        Assert.True(damage.IsFound);
        await check.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Ready_LostKeyRing_IsToldAndKeysGoOnWorking()
    {
        var key = await StoredData.WithTokenAsync(_folder);
        Directory.Delete(Keys, recursive: true);
        for (var start = 0; start < 2; start++)
        {
            await using var portal = new PortalHost("Development", null, _folder);
            await portal.InitializeAsync();
            Assert.Equal("Degraded\nStored keys cannot be decrypted: restore the key ring from the backup.", await portal.Client.GetStringAsync("/health/ready"));
            Assert.Contains("The keys in the database were encrypted with a different key ring than the one in", portal.Log.Text, StringComparison.Ordinal);
            using var answer = await portal.SendAsync(key, "/public/v1/agreements");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            if (start == 1)
                await portal.RotateAsync(ApiKeyOf(key));
        }

        await using var mended = new PortalHost("Development", null, _folder);
        await mended.InitializeAsync();
        Assert.Equal("Healthy", await mended.Client.GetStringAsync("/health/ready"));
    }

    [Fact]
    public async Task Start_FilesThatOthersCouldRead_AreMadePrivate()
    {
        if (OperatingSystem.IsWindows())
            return;
        await StoredData.WithTokenAsync(_folder);
        const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        File.SetUnixFileMode(Keys, Readable | UnixFileMode.UserExecute | UnixFileMode.OtherExecute);
        foreach (var path in Directory.GetFiles(Keys).Append(Database))
            File.SetUnixFileMode(path, Readable);
        await using var portal = new PortalHost("Development", null, _folder);
        await portal.InitializeAsync();
        foreach (var path in Directory.GetFiles(Keys).Append(Database).Append(Database + "-wal").Append(Keys).Append(Path.Combine(_folder, "portal.wal-owner")))
            Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(path) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
    }

    [Theory]
    [InlineData("a file in its place")]
    [InlineData("nothing can be written in it")]
    [InlineData("a damaged file in it")]
    public async Task Start_KeyRingThatCannotBeUsed_Stops(string fault)
    {
        if (fault == "a file in its place")
        {
            await File.WriteAllTextAsync(Keys, "");
            await AssertStopsAsync($"The folder of the key ring {Keys} cannot be used");
        }
        else if (fault == "nothing can be written in it")
        {
            // In place of the file that the check writes; missing permissions wouldn't stop root.
            Directory.CreateDirectory(Path.Combine(Keys, "write-test"));
            await AssertStopsAsync($"The folder of the key ring {Keys} cannot be used");
        }
        else
        {
            Directory.CreateDirectory(Keys);
            await File.WriteAllTextAsync(Path.Combine(Keys, "key-1.xml"), "<key id=");
            await AssertStopsAsync("key-1.xml is damaged: restore it from the backup, or move it away");
        }
    }

    private async Task AssertStopsAsync(string expected)
    {
        var stopped = await Assert.ThrowsAsync<DataDirectoryException>(MigrateAsync);
        Assert.Contains(expected, stopped.Message, StringComparison.Ordinal);
        Assert.Equal(stopped.Message, StartupFailure.Describe(stopped));
    }

    /// <summary>Migrates the data directory as every start does.</summary>
    private async Task MigrateAsync()
    {
        await using var portal = TestPortal.Open(_folder);
        await portal.Services.MigrateDatabaseAsync();
    }

    private static ApiKey ApiKeyOf(string header)
    {
        Assert.True(ApiKey.TryParse(header, out var handle, out _));
        return ApiKey.Create(handle.ToString());
    }

    private Task AddAccountAsync(string id) => ExecuteAsync($"INSERT INTO Accounts (Id, Name, CreatedAt) VALUES ('{id}', 'An account', '2030-01-01')");

    private async Task<string[]> AccountsAsync()
    {
        await using var context = StoredData.Open(_folder);
        return await context.Accounts.Select(account => account.Id).OrderBy(id => id).ToArrayAsync(TestContext.Current.CancellationToken);
    }

    private async Task BackUpAsync(string path)
    {
        await using var from = new SqliteConnection($"Data Source={Database};Pooling=False");
        await using var to = new SqliteConnection($"Data Source={path};Pooling=False");
        await from.OpenAsync();
        await to.OpenAsync();
        from.BackupDatabase(to);
    }

    /// <summary>Damages the second half of every page except the first.</summary>
    private async Task DamageAsync()
    {
        await using var file = new FileStream(Database, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        for (var at = 4096L; at < file.Length; at += 4096)
        {
            file.Position = at;
            await file.WriteAsync(Enumerable.Repeat((byte)0x5A, 2048).ToArray(), TestContext.Current.CancellationToken);
        }
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
