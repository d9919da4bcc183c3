using System.Net;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Portal.Tests.Support;

namespace Portal.Tests.Hosting;

/// <summary>The request ID that a client gets leads to the log lines of its request, in either format.</summary>
[Slow]
public sealed class JsonLogTests
{
    [Theory]
    [InlineData("Json")]
    [InlineData("Text")]
    public async Task Failures_OfPortalAndOfUpstreams_AreLoggedWithTheIdOfTheErrorBody(string form)
    {
        await using var portal = await WatchedPortal.StartAsync(("Telemetry:Logs", form));
        await BreakDatabaseAsync(portal);
        var fault = await FailAsync(portal, HttpStatusCode.InternalServerError);
        await MendDatabaseAsync(portal);
        portal.Upstream.Answer = context =>
        {
            context.Abort();
            return Task.CompletedTask;
        };
        var upstream = await FailAsync(portal, HttpStatusCode.BadGateway);
        await portal.Process.StopAsync();

        if (form == "Text")
        {
            Assert.Contains($"GET /public/v1/agreements failed (request {fault})", portal.Process.Output, StringComparison.Ordinal);
            Assert.Contains($"(request {upstream})", portal.Process.Output, StringComparison.Ordinal);
            return;
        }

        var lines = portal.Process.Output.Split('\n').Select(line => JsonSerializer.Deserialize<JsonElement>(line)).ToList();
        Assert.All(lines, line => Assert.Equal(JsonValueKind.String, line.GetProperty("Message").ValueKind));
        AssertIsOf(fault, Assert.Single(lines, line => line.GetProperty("Category").GetString() == "Portal.Authentication.ApiKeyMiddleware"));
        AssertIsOf(upstream, Assert.Single(lines, line => line.GetProperty("Category").GetString()!.StartsWith("Portal.Gateway", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Refusals_AreLoggedForThoseWhoAskAlone()
    {
        await using var quiet = await WatchedPortal.StartAsync();
        await using var verbose = await WatchedPortal.StartAsync(("Logging:LogLevel:Portal.Authentication", "Debug"));
        foreach (var portal in new[] { quiet, verbose })
        {
            using var response = await portal.GetAsync("/public/v1/agreements", "garbage");
            var id = (await ErrorBody.ReadAsync(response)).RequestId;
            await portal.Process.StopAsync();
            Assert.Equal(
                portal == verbose,
                portal.Process.Output.Contains($"GET /public/v1/agreements was refused, 401 AUTH_001 (request {id})", StringComparison.Ordinal));
        }
    }

    /// <summary>Asserts that the ID is in the message, and in the scope of all lines that are logged during the request.</summary>
    private static void AssertIsOf(string id, JsonElement line)
    {
        Assert.Equal(id, line.GetProperty("State").GetProperty("RequestId").GetString());
        Assert.Contains(line.GetProperty("Scopes").EnumerateArray(), scope => scope.TryGetProperty("RequestId", out var it) && it.GetString() == id);
        Assert.Contains(line.GetProperty("Scopes").EnumerateArray(), scope => scope.TryGetProperty("TraceId", out _));
        Assert.EndsWith("Z", line.GetProperty("Timestamp").GetString(), StringComparison.Ordinal);
    }

    private static async Task<string> FailAsync(WatchedPortal portal, HttpStatusCode expected)
    {
        using var response = await portal.CallAsync("/agreements");
        Assert.Equal(expected, response.StatusCode);
        return (await ErrorBody.ReadAsync(response)).RequestId;
    }

    private static Task BreakDatabaseAsync(WatchedPortal portal) => ExecuteAsync(portal, "ALTER TABLE TokenSecrets RENAME TO Away");

    private static Task MendDatabaseAsync(WatchedPortal portal) => ExecuteAsync(portal, "ALTER TABLE Away RENAME TO TokenSecrets");

    private static async Task ExecuteAsync(WatchedPortal portal, string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(portal.Folder, "portal.db")};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
