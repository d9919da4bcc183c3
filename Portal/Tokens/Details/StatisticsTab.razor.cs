using System.Globalization;
using Microsoft.AspNetCore.Components;
using Portal.Components.Shared;
using Portal.Localization;
using Portal.Statistics;

namespace Portal.Tokens.Details;

/// <summary>The request statistics of a token: a chart, totals, tables and the recent requests.</summary>
public sealed partial class StatisticsTab
{
    private readonly HashSet<string> _hidden = [];
    private IReadOnlyList<ResponseCategory> _categories = [];
    private IReadOnlyList<string> _labels = [], _titles = [];
    private IReadOnlyList<ChartSeries> _series = [];
    private TokenStatistics? _prepared;
    private string _summary = "";

    [Parameter, EditorRequired]
    public TokenStatistics Statistics { get; set; } = default!;

    [Parameter, EditorRequired]
    public string Handle { get; set; } = "";

    /// <summary>The period of the statistics.</summary>
    [Parameter]
    public StatisticsPeriod Period { get; set; } = StatisticsPeriod.Default;

    /// <summary>The periods to choose from.</summary>
    [Parameter]
    public IReadOnlyList<StatisticsPeriod> Periods { get; set; } = StatisticsPeriod.All;

    [Parameter]
    public EventCallback<StatisticsPeriod> PeriodChanged { get; set; }

    /// <summary>The last requests, newest first.</summary>
    [Parameter]
    public IReadOnlyList<RecentRequest> Recent { get; set; } = [];

    /// <summary>The last use of the token; null if it was never used.</summary>
    [Parameter]
    public DateTime? LastUsedAt { get; set; }

    /// <summary>When the token was created (UTC). The table leaves out the time before; null: it leaves out nothing.</summary>
    [Parameter]
    public DateTime? CreatedAt { get; set; }

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

    private string DownloadAddress => $"tokens/{Handle}/statistics.csv{(Period.Query.Length == 0 ? "" : "?" + Period.Query)}";

    private string NameInSentence => Period.IsHours ? Texts.Statistics_LastHours.With(Period.Length) : Texts.Statistics_LastDays.With(Period.Length);

    private string NoRequests => Period.IsHours ? Texts.Statistics_NoRequestsInHours.With(Period.Length) : Texts.Statistics_NoRequests.With(Period.Length);

    private string GraphTitle => Statistics.Hours is null ? Texts.Statistics_PerDay : Texts.Statistics_PerHour;

    protected override void OnParametersSet()
    {
        if (ReferenceEquals(_prepared, Statistics))
            return;
        _prepared = Statistics;
        _categories = ResponseCategory.For(Statistics.Total.ServerError > 0 || Statistics.Modules.Any(module => module.Responses.ServerError > 0));
        if (Statistics.Hours is { } hours)
            (_labels, _titles) = ([.. hours.Select(hour => hour.Hour.ToString("O", CultureInfo.InvariantCulture))], []);
        else
            (_labels, _titles) = (
                [.. Statistics.Days.Select(day => ReaderDate.WriteWithoutYear(day.Day))],
                [.. Statistics.Days.Select(day => $"{day.Day.ToString("dddd", CultureInfo.CurrentCulture)}, {ReaderDate.Write(day.Day)}")]);
        _summary = Summarise();
        PrepareSeries();
    }

    private void PrepareSeries()
    {
        IEnumerable<ResponseCounts> points = Statistics.Hours?.Select(hour => hour.Responses) ?? Statistics.Days.Select(day => day.Responses);
        _series = [.. _categories.Select(category => new ChartSeries(
            $"{category.Title()} {category.Name()}", "--series-" + category.Code, [.. points.Select(category.Of)]) { IsHidden = _hidden.Contains(category.Code) })];
    }

    private string Summarise()
    {
        var parts = string.Join(", ", _categories.Select(category => category.Count().With(category.Of(Statistics.Total))));
        if (Statistics.Hours is { } hours)
        {
            var most = hours.MaxBy(hour => hour.Responses.Total)!;
            return Texts.Statistics_HoursSummary.With(hours.Count, parts, most.Hour, most.Responses.Total);
        }

        var busiest = Statistics.Days.MaxBy(day => day.Responses.Total)!;
        return Texts.Statistics_Summary.With(
            ReaderDate.Write(Statistics.Days[0].Day), ReaderDate.Write(Statistics.Days[^1].Day), parts, ReaderDate.Write(busiest.Day), busiest.Responses.Total);
    }

    private void Switch(ResponseCategory category)
    {
        if (!_hidden.Remove(category.Code))
            _hidden.Add(category.Code);
        PrepareSeries();
    }

    private async Task ChangePeriodAsync(string name)
    {
        if (Periods.FirstOrDefault(period => period.Name == name) is { } chosen)
            await PeriodChanged.InvokeAsync(chosen);
    }

    private static string NameOf(StatisticsPeriod period) =>
        period.IsHours ? Texts.Statistics_Hours.With(period.Length) : Texts.Statistics_Days.With(period.Length);

    private string Share(long count) => count == 0 || Statistics.Total.Total == 0
        ? ""
        : ((double)count / Statistics.Total.Total) switch
        {
            < 0.001 => Texts.Statistics_ShareUnder,
            var share => Texts.Statistics_Share.With(share * 100),
        };

    private static string Number(long count) => count.ToString("N0", CultureInfo.CurrentCulture);
}
