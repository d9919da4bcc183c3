using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Portal.Audit;
using Portal.Data;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Commands;

/// <summary><c>Portal copy-data</c> from a data directory to a server and back.</summary>
[Slow]
public sealed class CopyDataCommandTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _first = new(), _second = new();
    private string _connection = "";

    public async ValueTask InitializeAsync()
    {
        var server = await PostgresServer.GetAsync();
        _connection = await server.CreateAsync("template0");
    }

    public async ValueTask DisposeAsync()
    {
        _first.Dispose();
        _second.Dispose();
        await (await PostgresServer.GetAsync()).DropAsync(_connection);
    }

    [Fact]
    public async Task Copy_ToTheServerAndBack_HasTheSameTokensKeysStatisticsAndAudit()
    {
        string header;
        await using (var portal = new PortalHost("Development", null, _first.Path))
        {
            await portal.InitializeAsync();
            var key = await portal.CreateTokenAsync();
            header = key.ToHeaderValue();
            await portal.RotateAsync(await portal.CreateTokenAsync());
            using var response = await portal.SendAsync(key, "/public/v1/contracts");
            await portal.CountsAsync(key.Handle);
        }

        var there = (await RunAsync("to-postgres", _first.Path)).AssertDone();
        var again = await RunAsync("to-postgres", _first.Path);

        Assert.Equal(1, again.ExitCode);
        Assert.Contains("already has data. Use an empty database", again.Errors, StringComparison.Ordinal);
        await using (var server = new PortalHost("Development", TestDatabase.SettingsFor(_connection)))
        {
            await server.InitializeAsync();
            using var response = await server.SendAsync(header, "/public/v1/contracts");
            Assert.Equal(System.Net.HttpStatusCode.OK, response.StatusCode);
            await AssertHasAsync(server, header);
            // New rows continue after the copied ones.
            await server.CreateTokenAsync();
        }

        var back = (await RunAsync("to-sqlite", _second.Path)).AssertDone();

        Assert.True(back.GetProperty("tables").GetArrayLength() == there.GetProperty("tables").GetArrayLength());
        await using var restored = new PortalHost("Development", null, _second.Path);
        await restored.InitializeAsync();
        await AssertHasAsync(restored, header);
        await restored.CreateTokenAsync();
    }

    /// <summary>The copy waits for a lock after it has begun to change the target.</summary>
    [Fact]
    public async Task Copy_ToTheServerCanceledInTheMiddle_NothingUsesTheTarget()
    {
        const string Advice = "isn't complete, so Portal doesn't use this database. Unless Portal copy-data still runs, drop the database, create an empty one";
        await StoredData.WithTokenAsync(_first.Path);
        var target = await (await PostgresServer.GetAsync()).CreateAsync();
        await using (var other = await LockAsync(target, "SHARE"))
        {
            using var copy = Start("to-postgres", _first.Path, target);
            while (await ReadAsync(target, """SELECT to_regclass('"UnfinishedCopy"') IS NOT NULL""") is false)
                Assert.False(copy.HasExited);
            await EndAsync(copy, "TERM", Advice);
        }

        foreach (var args in (string[][])[["copy-data", "to-postgres"], ["doctor"], ["admin", "list"]])
        {
            var refused = await CommandProcess.RunAsync([.. args, "--data-directory", _first.Path], SettingsFor(target));
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains(Advice, refused.Errors + refused.Output, StringComparison.Ordinal);
        }

        var (exitCode, errors) = await ProgramRun.RunToEndAsync(_second.Path, [.. TestDatabase.SettingsFor(target).Select(setting => $"--{setting.Key}={setting.Value}")]);
        Assert.Equal(1, exitCode);
        Assert.Contains(Advice, errors, StringComparison.Ordinal);
        await (await PostgresServer.GetAsync()).DropAsync(target);
    }

    /// <summary>The copy waits for a lock of the source after it has copied the first table.</summary>
    [Fact]
    public async Task Copy_ToTheFileKilledInTheMiddle_NothingUsesTheFile()
    {
        const string Advice = "isn't complete, so Portal doesn't use this file. Unless Portal copy-data still runs, remove portal.db, portal.db-wal, portal.db-shm and the folder keys from";
        await StoredData.WithTokenAsync(_first.Path);
        (await RunAsync("to-postgres", _first.Path)).AssertDone();
        await using (var other = await LockAsync(_connection, "ACCESS EXCLUSIVE"))
        {
            using var copy = Start("to-sqlite", _second.Path, _connection);
            Assert.Equal("AspNetRoles: 3", await copy.StandardError.ReadLineAsync(TestContext.Current.CancellationToken));
            await EndAsync(copy, "KILL", Advice);
        }

        (await RunAsync("to-sqlite", _second.Path)).AssertFailed(Advice);
        (await ProgramRun.RunCommandAsync("admin", "list", "--data-directory", _second.Path)).AssertFailed(Advice);
        Assert.Contains(Advice, (await ProgramRun.RunCommandAsync("doctor", "--data-directory", _second.Path)).Output, StringComparison.Ordinal);
        var (exitCode, errors) = await ProgramRun.RunToEndAsync(_second.Path);
        Assert.Equal(1, exitCode);
        Assert.Contains(Advice, errors, StringComparison.Ordinal);

        foreach (var file in Directory.GetFiles(_second.Path, "portal.db*"))
            File.Delete(file);
        Directory.Delete(Path.Combine(_second.Path, "keys"), recursive: true);
        (await RunAsync("to-sqlite", _second.Path)).AssertDone();
        Assert.Equal(TriggersIn(_first.Path), TriggersIn(_second.Path));
    }

    [Fact]
    public async Task Copy_TargetWithoutATrigger_IsNotComplete()
    {
        await StoredData.WithTokenAsync(_first.Path);
        (await RunAsync("to-postgres", _first.Path)).AssertDone();
        await using (var portal = new PortalHost("Development", null, _second.Path))
            await portal.InitializeAsync();
        await using (var other = OpenFile(_second.Path))
        await using (var command = other.CreateCommand())
        {
            command.CommandText = "DELETE FROM AspNetUsers; DELETE FROM Accounts; UPDATE Installation SET KeyRingProof = NULL; DROP TRIGGER TR_Tokens_Update";
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        (await RunAsync("to-sqlite", _second.Path)).AssertFailed("The copy of the triggers differs from the original.");
        (await RunAsync("to-sqlite", _second.Path)).AssertFailed("isn't complete, so Portal doesn't use this file.");
    }

    [Fact]
    public async Task Copy_FromADatabaseThatIsNotPortals_IsRefusedAndChangesNothing()
    {
        (await RunAsync("to-sqlite", _first.Path)).AssertFailed("isn't one of Portal. Correct the connection string");
        Assert.Equal(0L, await ReadAsync(_connection, "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"));
    }

    [Fact]
    public async Task Copy_FromAnEmptyInstallation_IsRefused()
    {
        var empty = await (await PostgresServer.GetAsync()).CreateAsync();
        var result = await CommandProcess.RunAsync(["copy-data", "to-sqlite", "--data-directory", _first.Path], SettingsFor(empty));
        result.AssertFailed("has no data of Portal, so there is nothing to copy. Check the connection string");
        await (await PostgresServer.GetAsync()).DropAsync(empty);
    }

    [Fact]
    public async Task Copy_WithoutAConnectionString_SaysWhichSettingIsMissing()
    {
        var result = await CommandProcess.RunAsync(["copy-data", "to-postgres", "--data-directory", _first.Path]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("There is no connection string for PostgreSQL. Set Portal:ConnectionStringFile", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Copy_PasswordInAMalformedConnectionString_IsNotPrinted()
    {
        var result = await CommandProcess.RunAsync(
            ["copy-data", "to-sqlite", "--data-directory", _first.Path], new Dictionary<string, string> { ["Portal__ConnectionString"] = "Host=db;Pasword=hunter2-secret" });

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("has an unknown form", result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", result.Errors + result.Output, StringComparison.Ordinal);
    }

    private static async Task AssertHasAsync(PortalHost portal, string header)
    {
        Assert.True(ApiKey.TryParse(header, out var handle, out _));
        var shown = Assert.IsType<RevealOutcome.Shown>(await portal.Tokens.RevealAsync(portal.Administrator, handle.ToString(), KeySlot.Newest, AuditAction.KeyViewed));
        Assert.Equal(header, shown.Key.ToHeaderValue());
        await using var context = await portal.ContextAsync();
        Assert.True(await context.DailyCounts.AnyAsync(TestContext.Current.CancellationToken));
        var audit = await AuditChain.CheckAsync(context, cancellation: TestContext.Current.CancellationToken);
        Assert.Empty(audit.Broken);
        Assert.Equal(0, audit.Unchained);
        Assert.True(audit.Entries > 3);
    }

    /// <summary>Locks a table until the result is disposed.</summary>
    private static async Task<NpgsqlConnection> LockAsync(string connectionString, string mode)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ToString());
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"""BEGIN; LOCK TABLE "TokenSecrets" IN {mode} MODE""", connection);
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    private static async Task<object?> ReadAsync(string connectionString, string query)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(query, connection);
        return await command.ExecuteScalarAsync();
    }

    private static Process Start(string direction, string folder, string connectionString) =>
        CommandProcess.Start(["copy-data", direction, "--data-directory", folder], SettingsFor(connectionString));

    private static async Task EndAsync(Process copy, string signal, string advice)
    {
        using (var kill = Process.Start("kill", [$"-{signal}", copy.Id.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync();
        var result = await CommandProcess.EndAsync(copy);
        Assert.NotEqual(0, result.ExitCode);
        Assert.DoesNotContain("Nothing was kept", result.Errors, StringComparison.Ordinal);
        if (signal == "TERM")
            Assert.Contains(advice, result.Errors, StringComparison.Ordinal);
    }

    private static List<string> TriggersIn(string folder)
    {
        using var connection = OpenFile(folder);
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY name";
        using var rows = command.ExecuteReader();
        var triggers = new List<string>();
        while (rows.Read())
            triggers.Add(rows.GetString(0));
        Assert.NotEmpty(triggers);
        return triggers;
    }

    private static SqliteConnection OpenFile(string folder)
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "portal.db")};Pooling=False;Foreign Keys=False");
        connection.Open();
        return connection;
    }

    private static Dictionary<string, string> SettingsFor(string connectionString) => new() { ["Portal__Database"] = "Postgres", ["Portal__ConnectionString"] = connectionString };

    private Task<CommandResult> RunAsync(string direction, string folder) => CommandProcess.RunAsync(
        ["copy-data", direction, "--data-directory", folder, "--json"], new Dictionary<string, string> { ["Portal__ConnectionString"] = _connection });
}
