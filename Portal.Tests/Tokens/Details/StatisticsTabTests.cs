using AngleSharp.Dom;
using Bunit;
using Portal.Components.Shared;
using Portal.Data;
using Portal.Statistics;
using Portal.Tokens.Details;
using Portal.Wire;

namespace Portal.Tests.Tokens.Details;

public sealed class StatisticsTabTests : BunitContext
{
    private const string Handle = "SU-160-984-311";
    private static readonly DateOnly Last = new(2026, 11, 24);

    public StatisticsTabTests() => JSInterop.Mode = JSRuntimeMode.Loose;

    [Fact]
    public void Render_Traffic_TotalsAndTheirMeaningAreShown()
    {
        var tab = RenderTab(Count(200, 1234), Count(304, 20), Count(404, 3), Count(201, 1));

        Assert.Equal("Last 30 days", tab.Find("h2").TextContent);
        Assert.Equal(["All responses", "200s Success", "300s Redirection", "400s Client error"], Texts(tab, ".totals .title"));
        Assert.Equal(["1,258", "1,235 98.2%", "20 1.6%", "3 0.2%"], Texts(tab, ".totals .figure"));
        Assert.All(Texts(tab, ".totals .remark"), Assert.NotEmpty);
    }

    [Fact]
    public void Render_Latency_IsSaidInWordsAndNumbers()
    {
        var tab = RenderTab(Statistics(Count(200, 10)) with
        {
            Latency = new LatencyStatistics(TimeSpan.FromMilliseconds(0.42), TimeSpan.FromMilliseconds(12.4), TimeSpan.FromSeconds(1.25)),
        });

        Assert.Equal(["p50 latency", "p95 latency", "p99 latency"], Texts(tab, ".latency dt"));
        Assert.Equal(["0.5 ms", "13 ms", "1.3 s"], Texts(tab, ".latency .figure"));
        Assert.Empty(RenderTab(Count(200, 10)).FindAll(".latency"));
    }

    [Fact]
    public void Render_RequestsWithoutTheirDetails_AreTold()
    {
        var tab = Render<StatisticsTab>(parameters => parameters
            .Add(it => it.Statistics, Statistics(Count(200, 2)))
            .Add(it => it.Handle, Handle)
            .Add(it => it.CountedWithoutDetails, 1_234));

        Assert.Contains("it counted 1,234 requests of all tokens without details", Text(tab.Find(".note")), StringComparison.Ordinal);
        Assert.Empty(RenderTab(Count(200, 2)).FindAll(".note"));
    }

    [Fact]
    public void Render_CountingFails_SaysSoAndWhatToDo()
    {
        var tab = Render<StatisticsTab>(parameters => parameters
            .Add(it => it.Statistics, Statistics(Count(200, 2))).Add(it => it.Handle, Handle).Add(it => it.CountingFails, true));

        Assert.Contains("Statistics are paused.", Text(tab.Find("[role=alert]")), StringComparison.Ordinal);
        Assert.Empty(RenderTab(Count(200, 10)).FindAll("[role=alert]"));
    }

    [Fact]
    public void Render_CountingFailsAndNothingIsCounted_DoesNotSayThatNothingCalled()
    {
        var tab = Render<StatisticsTab>(parameters => parameters
            .Add(it => it.Statistics, Statistics()).Add(it => it.Handle, Handle).Add(it => it.CountingFails, true));

        Assert.Contains("No statistics from before the failure", tab.Markup, StringComparison.Ordinal);
        Assert.DoesNotContain("No requests", tab.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_NoServerError_FiveHundredsAreNowhere()
    {
        var tab = RenderTab(Count(200, 10));

        // Only the text: the markup also contains random identifiers.
        Assert.DoesNotContain("500", tab.Find("section").TextContent);
        Assert.Equal(["--series-200", "--series-300", "--series-400"], Colours(tab));
    }

    [Fact]
    public void Render_OneServerError_FiveHundredsAreInTotalsGraphAndTables()
    {
        var tab = RenderTab(Count(200, 10), Count(503, 1, day: Last.AddDays(-3)));

        Assert.Contains("500s Server error", Texts(tab, ".totals .title"));
        Assert.Equal(["--series-200", "--series-300", "--series-400", "--series-500"], Colours(tab));
        Assert.All(tab.FindAll(".modules thead tr, .points thead tr"), row => Assert.Equal("500s", Text(row.Children[^1])));
    }

    [Fact]
    public void Render_Traffic_GraphAndTableHoldEveryDayAsCountedAndTheTableTheNewestFirst()
    {
        var statistics = Statistics(
            Count(200, 5000, day: Last.AddDays(-29)), Count(404, 7, day: Last.AddDays(-1)), Count(301, 2), Count(500, 4), Count(429, 9, ErrorCodes.TooManyRequests));
        var tab = RenderTab(statistics);

        var rows = tab.FindAll(".points tbody tr").Select(row => row.Children.Skip(1).Select(Figure).ToArray()).Reverse().ToList();
        Assert.Equal(30, rows.Count);
        Assert.All(statistics.Days.Zip(rows), pair =>
        {
            var (expected, shown) = (pair.First.Responses, pair.Second);
            Assert.Equal([expected.Total, expected.Success, expected.Redirection, expected.ClientError, expected.ServerError], shown);
        });
        Assert.Equal([5022, 5000, 2, 16, 4], tab.Find(".points tfoot tr").Children.Skip(1).Select(Figure));
        var chart = tab.FindComponent<ApexChart>().Instance;
        Assert.Equal(rows.Select(row => row[1]), chart.Series[0].Values);
        Assert.Equal(("Oct 26", "Monday, 26 Oct 2026"), (chart.Categories[0], chart.Titles[0]));
        Assert.Equal(("24 Nov 2026", "26 Oct 2026"), (Text(tab.FindAll(".points tbody th")[0]), Text(tab.FindAll(".points tbody th")[^1])));
    }

    [Fact]
    public void Render_NewToken_TableBeginsWithItsFirstDay()
    {
        var tab = Render<StatisticsTab>(parameters => parameters
            .Add(it => it.Statistics, Statistics(Count(200, 3))).Add(it => it.Handle, Handle)
            .Add(it => it.CreatedAt, Last.AddDays(-2).ToDateTime(new TimeOnly(23, 59), DateTimeKind.Utc)));

        Assert.Equal(["24 Nov 2026", "23 Nov 2026", "22 Nov 2026"], Texts(tab, ".points tbody th"));
        Assert.Equal(30, tab.FindComponent<ApexChart>().Instance.Categories.Count);
    }

    [Fact]
    public void Render_Traffic_TablesTellRowsAndColumnsApart()
    {
        var tab = RenderTab(Count(200, 10), Count(403, 2, ErrorCodes.ModuleNotEnabled));

        Assert.All(tab.FindAll("thead th"), cell => Assert.Equal("col", cell.GetAttribute("scope")));
        Assert.All(tab.FindAll("tbody tr, tfoot tr"), row => Assert.Equal("row", row.Children[0].GetAttribute("scope")));
        Assert.Equal("Show as table", tab.Find("details > summary").TextContent);
        Assert.Contains("10 success", tab.Find("[role=img]").GetAttribute("aria-label"));
    }

    [Fact]
    public void Render_Modules_AreNamedBusiestFirstAndTheRestIsNoModule()
    {
        var tab = RenderTab(Count(200, 3, module: "MD-0002"), Count(200, 8, module: "MD-0003"), Count(404, 1, ErrorCodes.NotFound, module: ""));

        Assert.Equal(["Name of MD-0003", "Name of MD-0002", "No module"], Texts(tab, ".modules tbody th"));
        Assert.Equal(["8", "3", "1"], Texts(tab, ".modules tbody td:nth-child(2)"));
    }

    [Theory]
    [InlineData(ErrorCodes.TokenNotUsable, 401, "Token disabled, expired or deleted AUTH_002")]
    [InlineData(ErrorCodes.AddressNotAllowed, 403, "Address not allowed AUTH_003")]
    [InlineData(ErrorCodes.ModuleNotEnabled, 403, "Module not enabled AUTH_004")]
    [InlineData(ErrorCodes.TooManyRequests, 429, "Too many requests RATE_001")]
    [InlineData(ErrorCodes.NotFound, 404, "Path not found NFND_001")]
    [InlineData(ErrorCodes.NoUpstream, 503, "Module has no upstream GTW_001")]
    [InlineData(ErrorCodes.UpstreamFailed, 502, "Upstream failed GTW_002")]
    [InlineData(ErrorCodes.UpstreamTooSlow, 504, "Upstream too slow GTW_003")]
    [InlineData(ErrorCodes.NoHealthyUpstream, 503, "No healthy upstream GTW_004")]
    [InlineData("NEW_001", 418, "Refused NEW_001")]
    [InlineData(CountReason.RetiredKey, 401, "Retired key used AUTH_001")]
    public void Render_Refusal_ReasonIsInWordsWithTheClientsCode(string reason, int statusCode, string shown)
    {
        var tab = RenderTab(Count(200, 1), Count(statusCode, 12, reason));

        Assert.Equal([shown], Texts(tab, ".refusals tbody th"));
        Assert.Equal(["12"], Texts(tab, ".refusals tbody td"));
    }

    [Fact]
    public void Render_NothingRefused_SaysSo() => Assert.Contains("Portal refused no requests.", RenderTab(Count(200, 1)).Find(".refusals").TextContent);

    [Fact]
    public void Render_OnlyRetiredKeys_RefusalsAreShownWithoutAnEmptyGraph()
    {
        var tab = RenderTab(Count(401, 5, CountReason.RetiredKey));

        Assert.Equal("0", Texts(tab, ".totals .figure")[0]);
        Assert.Empty(tab.FindComponents<ApexChart>());
        Assert.Contains("aren't included in the responses", tab.Find(".refusals").TextContent);
    }

    [Fact]
    public void Render_Traffic_CsvIsOffered()
    {
        var link = RenderTab(Count(200, 1)).Find("a.download");

        Assert.Equal($"tokens/{Handle}/statistics.csv", link.GetAttribute("href"));
        // Without it, the router would treat the address as a page.
        Assert.True(link.HasAttribute("download"));
    }

    [Fact]
    public void Render_NoTraffic_SaysSoAndShowsTheFirstCall()
    {
        var tab = Render<StatisticsTab>(parameters => parameters
            .Add(it => it.Statistics, Statistics()).Add(it => it.Handle, Handle).Add(it => it.Endpoint, "https://portal.example/public/v1")
            .Add(it => it.CopyFirstCall, call => $"<b>{call.Length}</b>"));

        Assert.Equal("No requests in the last 30 days", tab.Find("h2").TextContent);
        Assert.Equal("curl -H \"Authorization: <API key>\" https://portal.example/public/v1/auth/context", tab.Find("code").TextContent);
        Assert.Equal(tab.Find("code").TextContent.Length.ToString(System.Globalization.CultureInfo.InvariantCulture), tab.Find(".first-call b").TextContent);
        Assert.Empty(tab.FindAll("table, a.download"));
        Assert.Empty(tab.FindComponents<ApexChart>());
    }

    [Fact]
    public async Task Click_Total_SwitchesItsSeriesAndKeepsTheOthersInPlace()
    {
        var tab = RenderTab(Count(200, 10), Count(404, 3), Count(500, 1));
        var switches = tab.FindAll(".totals button");
        Assert.All(switches, button => Assert.Equal("true", button.GetAttribute("aria-pressed")));
        Assert.All(switches, button => Assert.NotEmpty(tab.Find("#" + button.GetAttribute("aria-describedby")).TextContent));

        await switches[0].ClickAsync();

        Assert.Equal(["false", "true", "true", "true"], tab.FindAll(".totals button").Select(button => button.GetAttribute("aria-pressed")));
        Assert.Equal([true, false, false, false], tab.FindComponent<ApexChart>().Instance.Series.Select(series => series.IsHidden));

        // The choice survives new numbers.
        tab.Render(parameters => parameters.Add(it => it.Statistics, Statistics(Count(200, 11), Count(500, 1))));
        Assert.True(tab.FindComponent<ApexChart>().Instance.Series[0].IsHidden);

        await tab.FindAll(".totals button")[0].ClickAsync();
        Assert.All(tab.FindComponent<ApexChart>().Instance.Series, series => Assert.False(series.IsHidden));
    }

    [Fact]
    public async Task Choose_Period_IsAskedForAndTheKeptOnesAreOffered()
    {
        StatisticsPeriod? chosen = null;
        var tab = Render<StatisticsTab>(parameters => parameters
            .Add(it => it.Statistics, Statistics(Count(200, 2))).Add(it => it.Handle, Handle)
            .Add(it => it.Periods, StatisticsPeriod.All.SkipLast(1).ToList()).Add(it => it.PeriodChanged, period => chosen = period));

        Assert.Equal(["24 hours", "7 days", "30 days"], Texts(tab, "[role=radiogroup] label"));
        Assert.True(tab.Find("[role=radiogroup] input[value='30d']").HasAttribute("checked"));
        await tab.Find("[role=radiogroup] input[value='24h']").ChangeAsync(new() { Value = "24h" });

        Assert.Equal(StatisticsPeriod.Hours, chosen);
    }

    [Fact]
    public void Render_Hours_GraphAndTableHoldEveryHour()
    {
        var first = new DateTime(2026, 11, 23, 11, 0, 0, DateTimeKind.Utc);
        HourStatistics[] hours = [.. Enumerable.Range(0, 24).Select(hour => new HourStatistics(first.AddHours(hour), new ResponseCounts(hour, 0, 0, 0)))];
        var tab = Render<StatisticsTab>(parameters => parameters
            .Add(it => it.Statistics, Statistics(Count(200, 500)) with { Hours = hours, Total = new ResponseCounts(276, 0, 0, 0) })
            .Add(it => it.Handle, Handle).Add(it => it.Period, StatisticsPeriod.Hours));

        Assert.Equal("Last 24 hours", tab.Find("h2").TextContent);
        Assert.Equal(hours.Select(hour => hour.Responses.Total).Reverse(), tab.FindAll(".points tbody tr").Select(row => Figure(row.Children[1])));
        Assert.Equal("2026-11-23T11:00:00.0000000Z", tab.FindAll(".points tbody local-time")[^1].GetAttribute("datetime"));
        Assert.Equal("2026-11-23T11:00:00.0000000Z", tab.Find(".graph-heading .remark local-time").GetAttribute("datetime"));
        Assert.Equal("276", Texts(tab, ".totals .figure")[0]);
        var chart = tab.FindComponent<ApexChart>().Instance;
        Assert.True(chart.AreTimes);
        Assert.Equal("2026-11-23T11:00:00.0000000Z", chart.Categories[0]);
        Assert.Contains("The busiest hour began at 10:00 UTC with 23.", tab.Find("[role=img]").GetAttribute("aria-label"), StringComparison.Ordinal);
        Assert.Equal($"tokens/{Handle}/statistics.csv?hours=24", tab.Find("a.download").GetAttribute("href"));
        Assert.Contains("counted by UTC day, from 26 Oct 2026 to 24 Nov 2026", tab.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_NoTrafficInThePeriod_SaysWhenTheTokenWasUsedAndOffersOtherPeriods()
    {
        var tab = Render<StatisticsTab>(parameters => parameters
            .Add(it => it.Statistics, Statistics()).Add(it => it.Handle, Handle).Add(it => it.LastUsedAt, new DateTime(2026, 9, 1, 0, 0, 0, DateTimeKind.Utc)));

        Assert.Equal("No requests in the last 30 days", tab.Find("h2").TextContent);
        Assert.Contains("Select a longer period", tab.Markup, StringComparison.Ordinal);
        Assert.Empty(tab.FindAll("code"));
        Assert.NotEmpty(tab.FindAll("[role=radiogroup] input"));
    }

    [Fact]
    public void Render_OtherStatisticsLater_NumbersFollow()
    {
        var tab = RenderTab(Count(200, 1));

        tab.Render(parameters => parameters.Add(it => it.Statistics, Statistics(Count(200, 2), Count(500, 1))));

        Assert.Equal("3", Texts(tab, ".totals .figure")[0]);
        Assert.Equal(4, tab.FindComponent<ApexChart>().Instance.Series.Count);
    }

    private IRenderedComponent<StatisticsTab> RenderTab(params DailyCount[] counts) => RenderTab(Statistics(counts));

    private IRenderedComponent<StatisticsTab> RenderTab(TokenStatistics statistics) => Render<StatisticsTab>(parameters => parameters
        .Add(it => it.Statistics, statistics).Add(it => it.Handle, Handle).Add(it => it.ModuleName, id => "Name of " + id));

    private static TokenStatistics Statistics(params DailyCount[] counts) => TokenStatistics.From([.. counts], Last.AddDays(-29), Last);

    private static DailyCount Count(int statusCode, long count, string reason = "", string module = "MD-0002", DateOnly? day = null) => new()
    {
        TokenId = 1, Day = day ?? Last, ModuleId = module, StatusCode = statusCode, Reason = reason, Count = count,
    };

    private static IEnumerable<string> Colours(IRenderedComponent<StatisticsTab> tab) =>
        tab.FindComponent<ApexChart>().Instance.Series.Select(series => series.Colour);

    private static string[] Texts(IRenderedComponent<StatisticsTab> tab, string selector) => [.. tab.FindAll(selector).Select(Text)];

    private static string Text(IElement element) => string.Join(' ', element.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static long Figure(IElement cell) => long.Parse(Text(cell), System.Globalization.NumberStyles.AllowThousands, System.Globalization.CultureInfo.InvariantCulture);
}
