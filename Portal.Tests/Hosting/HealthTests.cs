using System.Net;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.Statistics;
using Portal.Tests.Support;

namespace Portal.Tests.Hosting;

public sealed class HealthTests
{
    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    public async Task Get_HealthyPortal_AnswersAnyoneWithOneWord(string path)
    {
        await using var portal = new PortalHost();
        await portal.InitializeAsync();
        using var answer = await portal.Client.GetAsync(path);
        Assert.Equal((HttpStatusCode.OK, "Healthy"), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task Ready_DatabaseWithoutItsTables_Is503AndLiveStays200()
    {
        await using var portal = new PortalHost();
        await portal.InitializeAsync();
        await ExecuteAsync(portal, "ALTER TABLE Accounts RENAME TO Away");
        using var ready = await portal.Client.GetAsync("/health/ready");
        using var live = await portal.Client.GetAsync("/health/live");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "Unhealthy"), (ready.StatusCode, await ready.Content.ReadAsStringAsync()));
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
    }

    [Fact]
    public async Task Ready_CountsCannotBeWritten_SaysDegradedUntilTheyCan()
    {
        await using var portal = new PortalHost();
        await portal.InitializeAsync();
        var key = await portal.CreateTokenAsync();
        using var call = await portal.SendAsync(key, "/public/v1/accounts");
        var writer = portal.Services.GetRequiredService<CountWriter>();
        await ExecuteAsync(portal, "ALTER TABLE DailyCounts RENAME TO Away");
        Assert.False(await writer.FlushAsync());
        Assert.Equal("Degraded\nStatistics cannot be written. Portal's log says why.", await portal.Client.GetStringAsync("/health/ready"));

        await ExecuteAsync(portal, "ALTER TABLE Away RENAME TO DailyCounts");
        Assert.True(await writer.FlushAsync());
        Assert.Equal("Healthy", await portal.Client.GetStringAsync("/health/ready"));
    }

    private static async Task ExecuteAsync(PortalHost portal, string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={portal.Services.GetRequiredService<DataDirectory>().Database}");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
