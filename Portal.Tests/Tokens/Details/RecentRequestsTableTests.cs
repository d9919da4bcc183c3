using AngleSharp.Dom;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Portal.Components.Shared;
using Portal.Statistics;
using Portal.Tests.Support;
using Portal.Tokens.Details;
using Portal.Wire;

namespace Portal.Tests.Tokens.Details;

public sealed class RecentRequestsTableTests : BunitContext
{
    private static readonly DateTime At = new(2026, 11, 24, 10, 0, 0, DateTimeKind.Utc);

    private static readonly RecentRequest
        Served = new(At, "GET", "/public/v1/agreements/<b>", 200, TimeSpan.FromMilliseconds(12), "192.0.2.1") { ModuleId = "MD-0002", Client = "curl/8.5", SecretId = 7, Fingerprint = "5c43" },
        NotFound = new(At.AddSeconds(-1), "GET", "/public/v1/agreements/9", 404, TimeSpan.FromMilliseconds(3), "192.0.2.1") { ModuleId = "MD-0002" },
        Refused = new(At.AddSeconds(-2), "POST", "/public/v1/billing", 403, null, null) { Reason = ErrorCodes.ModuleNotEnabled, RequestId = "0HNR4T2J8K1QF:00000003" },
        Retired = new(At.AddSeconds(-2), "GET", "/public/v1/agreements", 401, TimeSpan.FromMilliseconds(1), "192.0.2.9") { Reason = CountReason.RetiredKey, Fingerprint = "a0f1" };

    public RecentRequestsTableTests()
    {
        Services.AddSingleton(TimeProvider.System).AddScoped<BrowserScript>();
        JSInterop.Mode = JSRuntimeMode.Loose;
    }

    [Theory]
    [InlineData("", 0, 4)]
    [InlineData("?requests=refused", 1, 2)]
    [InlineData("?requests=other", 0, 4)]
    public void Open_LinkToTheRefusedRequests_ShowsThemAndScrollsThere(string query, int scrolled, int rows)
    {
        Services.GetRequiredService<NavigationManager>().NavigateTo("tokens/SU-160-984-311" + query);

        var table = RenderTable(Served, NotFound, Refused, Retired);

        Assert.Equal(rows, table.FindAll("tbody tr").Count);
        Assert.Equal(scrolled, JSInterop.Invocations["portal.reveal"].Count);
    }

    [Fact]
    public void Render_Requests_SayAllThatIsKnown()
    {
        var table = RenderTable(Served, NotFound, Refused, Retired);

        Assert.Equal("Last 4 requests", table.Find("h3").Words());
        Assert.Equal(
            [
                ["GET /public/v1/agreements/<b>", "200", "Name of MD-0002", "curl/8.5", "…5c43", "12 ms", "192.0.2.1"],
                ["GET /public/v1/agreements/9", "404", "Name of MD-0002", "–", "–", "3.0 ms", "192.0.2.1"],
                ["POST /public/v1/billing Request ID 0HNR4T2J8K1QF:00000003", "403 Module not enabled", "–", "–", "–", "–", "–"],
                ["GET /public/v1/agreements", "401 Retired key used", "–", "–", "…a0f1", "1.0 ms", "192.0.2.9"],
            ],
            Rows(table));
        Assert.Equal("seconds", table.Find("tbody local-time").GetAttribute("format"));
        Assert.All(table.FindAll("tbody td"), cell => Assert.NotEmpty(cell.GetAttribute("data-label")!));
    }

    [Theory]
    [InlineData("errors", "/public/v1/agreements/9", "/public/v1/billing", "/public/v1/agreements")]
    [InlineData("refused", "/public/v1/billing", "/public/v1/agreements")]
    [InlineData("all", "/public/v1/agreements/<b>", "/public/v1/agreements/9", "/public/v1/billing", "/public/v1/agreements")]
    public async Task Filter_ShowsThoseAndStaysWhenNewOnesCome(string filter, params string[] paths)
    {
        var table = RenderTable(Served, NotFound, Refused, Retired);
        Assert.Equal(["All 4", "Errors 3", "Refused 2"], table.FindAll("label").Select(label => label.Words()));

        await table.Find($"input[value={filter}]").ChangeAsync(new() { Value = filter });
        table.Render(parameters => parameters.Add(it => it.Requests, [Served with { At = At.AddSeconds(1), Path = "/new" }, Served, NotFound, Refused, Retired]));

        Assert.Equal(filter == "all" ? ["/new", .. paths] : paths, table.FindAll("tbody th > .mono").Select(path => path.Words().Split(' ')[1]));
    }

    [Fact]
    public async Task Filter_NothingFound_SaysSo()
    {
        var table = RenderTable(Served);

        await table.Find("input[value=errors]").ChangeAsync(new() { Value = "errors" });
        Assert.Equal("None of these requests ended with an error.", table.Find(".none").Words());
        await table.Find("input[value=refused]").ChangeAsync(new() { Value = "refused" });
        Assert.Equal("Portal refused none of these requests.", table.Find(".none").Words());
    }

    [Fact]
    public async Task Click_ShowAll_ShowsTheRest()
    {
        var table = RenderTable([.. Enumerable.Range(0, 30).Select(i => Served with { At = At.AddSeconds(-i) })]);
        Assert.Equal(25, table.FindAll("tbody tr").Count);

        await table.Find("button").ClickAsync();

        Assert.Equal(30, table.FindAll("tbody tr").Count);
        Assert.Empty(table.FindAll("button"));
    }

    private IRenderedComponent<RecentRequestsTable> RenderTable(params RecentRequest[] requests) => Render<RecentRequestsTable>(parameters => parameters
        .Add(it => it.Requests, requests).Add(it => it.ModuleName, id => "Name of " + id));

    private static IEnumerable<string[]> Rows(IRenderedComponent<RecentRequestsTable> table) =>
        table.FindAll("tbody tr").Select(row => row.Children.Skip(1).Select(cell => cell.Words()).ToArray());
}
