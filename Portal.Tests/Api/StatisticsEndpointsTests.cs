using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Statistics;
using Portal.Tests.Support;

namespace Portal.Tests.Api;

public sealed class StatisticsEndpointsTests : IAsyncLifetime
{
    private readonly PortalHost _portal = new();

    public ValueTask InitializeAsync() => _portal.InitializeAsync();

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private static string Path(string handle, string rest) => $"/public/v1/statistics/tokens/{handle}/{rest}";

    [Fact]
    public async Task Aggregates_And_Summary_CountEveryAnswerByCode()
    {
        var (reader, key) = (await _portal.CreateTokenAsync(), await _portal.CreateTokenAsync(null, "MD-0002"));
        await CallAsync(key, "agreements", "agreements", "billing");
        _portal.Clock.Advance(TimeSpan.FromHours(15));
        await CallAsync(key, "agreements", "agreements/unknown");

        Assert.Equal(
            """{"date":"2026-11-25","statuses":[{"code":"200","count":1},{"code":"404","count":1}]}""", await GetAsync(reader, key.Handle, "aggregates"));
        Assert.Equal(
            """{"date":"2026-11-24","statuses":[{"code":"200","count":2},{"code":"403","count":1}]}""", await GetAsync(reader, key.Handle, "aggregates/?date=2026-11-24"));
        Assert.Equal(
            """[{"date":"2026-11-23","statuses":[]},{"date":"2026-11-24","statuses":[{"code":"200","count":2},{"code":"403","count":1}]},{"date":"2026-11-25","statuses":[{"code":"200","count":1},{"code":"404","count":1}]}]""",
            await GetAsync(reader, key.Handle, "aggregates?days=3"));
        Assert.Equal(
            $$"""{"id":"{{key.Handle}}","statuses":[{"code":"200","total":3,"since_last_reset":3},{"code":"403","total":1,"since_last_reset":1},{"code":"404","total":1,"since_last_reset":1}],"started_tracking_at":"2026-11-24T10:00:00+00:00"}""",
            await GetAsync(reader, key.Handle, "summary/"));
    }

    [Fact]
    public async Task RetiredKey_IsNotAmongTheAnswers()
    {
        var (reader, key) = (await _portal.CreateTokenAsync(), await _portal.CreateTokenAsync());
        await _portal.RotateAsync(key);
        await CallAsync(key, "agreements");

        Assert.Equal("""{"date":"2026-11-24","statuses":[]}""", await GetAsync(reader, key.Handle, "aggregates"));
    }

    [Fact]
    public async Task Summary_OfAnOldToken_BeginsWithWhatIsKept()
    {
        var reader = await _portal.CreateTokenAsync();
        await using (var context = await _portal.ContextAsync())
            await context.Tokens.ExecuteUpdateAsync(
                change => change.SetProperty(token => token.CreatedAt, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc)), TestContext.Current.CancellationToken);

        Assert.Contains("\"started_tracking_at\":\"2025-10-21T00:00:00+00:00\"", await GetAsync(reader, reader.Handle, "summary"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?date=today", "date: must be a day such as 2030-01-15.")]
    [InlineData("?date=2026-11-24&date=2026-11-25", "date: must be a day such as 2030-01-15.")]
    [InlineData("?days=0&date=", "date: must be a day such as 2030-01-15.\ndays: must be one whole number from 1 to 400.")]
    [InlineData("?days=401", "days: must be one whole number from 1 to 400.")]
    public async Task Aggregates_BadParameter_IsTold(string query, string expected)
    {
        var key = await _portal.CreateTokenAsync();
        Assert.Equal(expected, await _portal.CallAsync(key, "GET", Path(key.Handle, "aggregates") + query).InvalidAsync());
    }

    [Fact]
    public async Task ForeignAndUnknownTokens_AreNotFound()
    {
        var key = await _portal.CreateTokenAsync();
        foreach (var handle in new[] { await _portal.ForeignAsync(), "SU-000-000-000", "x" })
            foreach (var rest in new[] { "aggregates", "summary" })
                await _portal.CallAsync(key, "GET", Path(handle, rest)).RefusedAsync(HttpStatusCode.NotFound, "NFND_001");
    }

    private async Task CallAsync(Portal.Tokens.ApiKey key, params string[] paths)
    {
        foreach (var path in paths)
            using (await _portal.SendAsync(key, "/public/v1/" + path))
            {
            }

        await _portal.Services.GetRequiredService<CountWriter>().FlushAsync();
    }

    private async Task<string> GetAsync(Portal.Tokens.ApiKey reader, string handle, string rest) =>
        (await _portal.CallAsync(reader, "GET", Path(handle, rest)).JsonAsync()).GetRawText();
}
