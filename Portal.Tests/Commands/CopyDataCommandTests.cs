using Microsoft.EntityFrameworkCore;
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

    private Task<CommandResult> RunAsync(string direction, string folder) => CommandProcess.RunAsync(
        ["copy-data", direction, "--data-directory", folder, "--json"], new Dictionary<string, string> { ["Portal__ConnectionString"] = _connection });
}
