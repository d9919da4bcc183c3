using System.Globalization;
using Microsoft.AspNetCore.Components;
using Portal.Components.Shared;
using Portal.Localization;
using Portal.Statistics;

namespace Portal.Tokens.Details;

/// <summary>The request statistics of a token: totals, a chart and tables.</summary>
public sealed partial class StatisticsTab
{
    private static readonly Category ServerErrors =
        new(() => Texts.Statistics_500, () => Texts.Statistics_500Name, () => Texts.Statistics_500Meaning, () => Texts.Statistics_500Count, "500", counts => counts.ServerError);

    private static readonly Category[] AlwaysShown =
    [
        new(() => Texts.Statistics_200, () => Texts.Statistics_200Name, () => Texts.Statistics_200Meaning, () => Texts.Statistics_200Count, "200", counts => counts.Success),
        new(() => Texts.Statistics_300, () => Texts.Statistics_300Name, () => Texts.Statistics_300Meaning, () => Texts.Statistics_300Count, "300", counts => counts.Redirection),
        new(() => Texts.Statistics_400, () => Texts.Statistics_400Name, () => Texts.Statistics_400Meaning, () => Texts.Statistics_400Count, "400", counts => counts.ClientError),
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
    [Parameter, EditorRequired]
    public string Endpoint { get; set; } = "";

    /// <summary>A control that copies the example request. Its context is the text.</summary>
    [Parameter]
    public RenderFragment<string>? CopyFirstCall { get; set; }

    private string ExampleCommand => $"curl -H \"Authorization: {Texts.Statistics_KeyPlaceholder}\" {Endpoint}/auth/context";

    protected override void OnParametersSet()
    {
        if (ReferenceEquals(_prepared, Statistics))
            return;
        _prepared = Statistics;
        _categories = Statistics.Total.ServerError > 0 ? [.. AlwaysShown, ServerErrors] : AlwaysShown;
        _days = [.. Statistics.Days.Select(day => ReaderDate.WriteWithoutYear(day.Day))];
        _series = [.. _categories.Select(category => new ChartSeries(
            $"{category.Title()} {category.Name()}", "--series-" + category.Code, [.. Statistics.Days.Select(day => category.Of(day.Responses))]))];
        _summary = Summarise();
    }

    private string Summarise()
    {
        var busiest = Statistics.Days.MaxBy(day => day.Responses.Total)!;
        var parts = _categories.Select(category => category.Count().With(category.Of(Statistics.Total)));
        return Texts.Statistics_Summary.With(
            ReaderDate.Write(Statistics.Days[0].Day), ReaderDate.Write(Statistics.Days[^1].Day), string.Join(", ", parts), ReaderDate.Write(busiest.Day),
            busiest.Responses.Total);
    }

    private string NameOf(ModuleStatistics module) => module.ModuleId.Length == 0 ? Texts.Statistics_NoModule : ModuleName(module.ModuleId);

    private string Share(long count) => count == 0 || Statistics.Total.Total == 0
        ? ""
        : ((double)count / Statistics.Total.Total) switch
        {
            < 0.001 => Texts.Statistics_ShareUnder,
            var share => Texts.Statistics_Share.With(share * 100),
        };

    private static string Number(long count) => count.ToString("N0", CultureInfo.CurrentCulture);

    /// <summary>A category of responses with the same first digit of the status code. Its texts are looked up when they are shown.</summary>
    private sealed record Category(
        Func<string> Title, Func<string> Name, Func<string> Meaning, Func<string> Count, string Code, Func<ResponseCounts, long> Of)
    {
        public string Css => "series-" + Code;
    }
}
