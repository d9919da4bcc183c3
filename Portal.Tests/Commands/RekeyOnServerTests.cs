using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Portal.Audit;
using Portal.Data.KeyRing;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Commands;

/// <summary><c>Portal rekey</c> with keys in the database, on a machine without a data directory.</summary>
[Slow]
public sealed class RekeyOnServerTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _folder = new();
    private string _connection = "";

    private string Missing => Path.Combine(_folder.Path, "missing");

    public async ValueTask InitializeAsync() => _connection = await (await PostgresServer.GetAsync()).CreateAsync();

    public async ValueTask DisposeAsync()
    {
        _folder.Dispose();
        await (await PostgresServer.GetAsync()).DropAsync(_connection);
    }

    [Fact]
    public async Task Rekey_WithoutADataDirectory_ReplacesTheKeyAndContinuesAnInterruptedRun()
    {
        ApiKey key;
        await using (var portal = await StartAsync())
        {
            key = await portal.CreateTokenAsync();
            using (portal.Services.GetRequiredService<IKeyStore>().TryBeginRotation())
                (await RunAsync()).AssertFailed("Another rekey of the database is running. Wait until it has ended");
        }

        var first = (await RunAsync("--json")).AssertDone();
        Assert.False(first.GetProperty("continued").GetBoolean());
        var id = first.GetProperty("key").GetGuid();
        // As if the run had been killed before it was complete.
        await AddMarkerAsync(id);
        var second = (await RunAsync("--json", "--remove-old")).AssertDone();
        var third = (await RunAsync("--json")).AssertDone();

        Assert.True(second.GetProperty("continued").GetBoolean());
        Assert.Equal(id, second.GetProperty("key").GetGuid());
        Assert.False(third.GetProperty("continued").GetBoolean());
        Assert.False(Directory.Exists(Missing));
        await using var restarted = await StartAsync();
        var shown = Assert.IsType<RevealOutcome.Shown>(await restarted.Tokens.RevealAsync(restarted.Administrator, key.Handle.ToString(), KeySlot.Newest, AuditAction.KeyViewed));
        Assert.Equal(key.ToHeaderValue(), shown.Key.ToHeaderValue());
        Assert.DoesNotContain(restarted.Services.GetRequiredService<IKeyStore>().Read("", ""), stored => stored.Name == "rekey");
        Assert.Contains("\"InstallationKeys\"", restarted.Services.GetRequiredService<IKeyStore>().RemovalAdvice(null), StringComparison.Ordinal);
    }

    private async Task<PortalHost> StartAsync()
    {
        var portal = new PortalHost("Development", TestDatabase.SettingsFor(_connection));
        await portal.InitializeAsync();
        return portal;
    }

    private Task<CommandResult> RunAsync(params string[] options) => CommandProcess.RunAsync(
        ["rekey", "--data-directory", Missing, .. options], new Dictionary<string, string> { ["Portal__Database"] = "Postgres", ["Portal__ConnectionString"] = _connection });

    private async Task AddMarkerAsync(Guid id)
    {
        await using var connection = new NpgsqlConnection(_connection);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand("""INSERT INTO "InstallationKeys" ("Name", "Content", "Version") VALUES ('rekey', $1, 1)""", connection);
        command.Parameters.Add(new NpgsqlParameter { Value = id.ToByteArray() });
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
