using System.Globalization;
using Microsoft.AspNetCore.Components;
using Portal.Authentication;
using Portal.Components.Shared;
using Portal.Statistics;

namespace Portal.Tokens.Details;

/// <summary>The request statistics of a token: totals, a chart and tables.</summary>
public sealed partial class StatisticsTab
{
    private static readonly Category ServerErrors =
        new("500s", "Server error", "Portal or the service behind it failed. The request may be valid.", "500", counts => counts.ServerError);

    private static readonly Category[] AlwaysShown =
    [
        new("200s", "Success", "The request succeeded.", "200", counts => counts.Success),
        new("300s", "Redirection", "The client needs another step, or already has the response.", "300", counts => counts.Redirection),
        new("400s", "Client error", "The request is invalid or not allowed.", "400", counts => counts.ClientError),
    ];

    private Category[] _categories = AlwaysShown;
    private IReadOnlyList<string> _days = [];
    private IReadOnlyList<ChartSeries> _series = [];
    private TokenStatistics? _prepared;
    private string _summary = "";

    [Parameter, EditorRequired]
    public TokenStatistics Statistics { get; set; } = default!;

    [Parameter, EditorRequired]
    public string Handle { get; set; } = "";

    /// <summary>The last requests, newest first.</summary>
    [Parameter]
    public IReadOnlyList<RecentRequest> Recent { get; set; } = [];

    /// <summary>Whether statistics can't be written at the moment.</summary>
    [Parameter]
    public bool CountingFails { get; set; }

    /// <summary>The number of requests that were counted without details, because statistics couldn't be written for a long time.</summary>
    [Parameter]
    public long CountedWithoutDetails { get; set; }

    /// <summary>The name of the module with this id.</summary>
    [Parameter, EditorRequired]
    public Func<string, string> ModuleName { get; set; } = id => id;

    /// <summary>The base address of the API, for the example request: <c>https://portal.example/public/v1</c>.</summary>
    [Parameter]
    public string Endpoint { get; set; } = "<address>" + ApiKeyMiddleware.BasePath;

    /// <summary>A control that copies the example request. Its context is the text.</summary>
    [Parameter]
    public RenderFragment<string>? CopyFirstCall { get; set; }

    private string ExampleCommand => $"curl -H \"Authorization: <API key>\" {Endpoint}/auth/context";

    protected override void OnParametersSet()
    {
        if (ReferenceEquals(_prepared, Statistics))
            return;
        _prepared = Statistics;
        _categories = Statistics.Total.ServerError > 0 ? [.. AlwaysShown, ServerErrors] : AlwaysShown;
        _days = [.. Statistics.Days.Select(day => day.Day.ToString("d MMM", CultureInfo.InvariantCulture))];
        _series = [.. _categories.Select(category => new ChartSeries(
            $"{category.Title} {category.Name}", "--series-" + category.Code, [.. Statistics.Days.Select(day => category.Of(day.Responses))]))];
        _summary = Summarise();
    }

    private string Summarise()
    {
        var busiest = Statistics.Days.MaxBy(day => day.Responses.Total)!;
        var parts = _categories.Select(category => $"{Number(category.Of(Statistics.Total))} {category.Name.ToLowerInvariant()}");
        return $"Responses per day, {LongDay(Statistics.Days[0].Day)} to {LongDay(Statistics.Days[^1].Day)}: {string.Join(", ", parts)}. " +
            $"The busiest day was {LongDay(busiest.Day)} with {Number(busiest.Responses.Total)}. Select Show as table for all numbers.";
    }

    private string NameOf(ModuleStatistics module) => module.ModuleId.Length == 0 ? "No module" : ModuleName(module.ModuleId);

    private string Share(long count) => count == 0 || Statistics.Total.Total == 0
        ? ""
        : ((double)count / Statistics.Total.Total) switch
        {
            < 0.001 => "under 0.1%",
            var share => share.ToString("0.#%", CultureInfo.InvariantCulture),
        };

    private static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string LongDay(DateOnly day) => day.ToString("d MMM yyyy", CultureInfo.InvariantCulture);

    /// <summary>A category of responses with the same first digit of the status code.</summary>
    private sealed record Category(string Title, string Name, string Meaning, string Code, Func<ResponseCounts, long> Of)
    {
        public string Css => "series-" + Code;
    }
}
