using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Portal.Components.Shared;

/// <summary>The values of one colour in a chart.</summary>
/// <param name="Colour">The name of a CSS variable, such as <c>--series-200</c>. It is read again when the theme changes.</param>
/// <param name="Values">One for each category.</param>
public sealed record ChartSeries(string Name, string Colour, IReadOnlyList<long> Values)
{
    /// <summary>Whether the series is switched off.</summary>
    public bool IsHidden { get; init; }
}

/// <summary>What a chart shows. See the parameters of <see cref="ApexChart"/>.</summary>
public sealed record ChartContent(
    IReadOnlyList<string> Categories, IReadOnlyList<string> Titles, bool AreTimes, string TotalName, IReadOnlyList<ChartSeries> Series);

/// <summary>The only component that uses the chart library. Its script is loaded from Portal itself when a chart is first shown.</summary>
public sealed partial class ApexChart
{
    /// <summary>Lines in a square of 6 pixels: filled, diagonal, horizontal, crossed.</summary>
    private static readonly string[] Patterns = ["M0 3H6", "M-1 1L1 -1M0 6L6 0M5 7L7 5", "M0 3H6", "M0 3H6M3 0V6"];

    private ElementReference _canvas;
    private IJSObjectReference? _chart;
    private IReadOnlyList<ChartSeries>? _drawn;
    private bool _failed;
    private bool _disposed;

    /// <summary>A sentence that describes the chart.</summary>
    [Parameter, EditorRequired]
    public string Label { get; set; } = "";

    /// <summary>The labels of the columns, or their times in ISO 8601.</summary>
    [Parameter, EditorRequired]
    public IReadOnlyList<string> Categories { get; set; } = [];

    /// <summary>The long names of the columns, for the tooltip. They aren't used if the categories are times.</summary>
    [Parameter]
    public IReadOnlyList<string> Titles { get; set; } = [];

    /// <summary>Whether the categories are the beginnings of hours, which the browser shows in its time zone.</summary>
    [Parameter]
    public bool AreTimes { get; set; }

    /// <summary>The name of the sum in the tooltip.</summary>
    [Parameter]
    public string TotalName { get; set; } = "";

    /// <summary>The series, from the bottom up. A new list redraws the chart.</summary>
    [Parameter, EditorRequired]
    public IReadOnlyList<ChartSeries> Series { get; set; } = [];

    /// <summary>In pixels. The space is reserved while the script loads.</summary>
    [Parameter]
    public int Height { get; set; } = 280;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_failed || ReferenceEquals(_drawn, Series))
            return;
        _drawn = Series;
        try
        {
            await DrawAsync();
        }
        catch (JSException exception)
        {
            // The script couldn't be loaded, or the browser can't run it. The page remains usable without the chart.
            Logger.LogWarning(exception, "A browser could not draw a chart");
            _failed = true;
            StateHasChanged();
        }
        catch (Exception exception) when (IsGone(exception))
        {
        }
    }

    private ChartContent Content => new(Categories, Titles, AreTimes, TotalName, Series);

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        await ReleaseAsync();
    }

    private async Task DrawAsync()
    {
        if (_chart is not null)
        {
            await _chart.InvokeVoidAsync("show", Content);
            return;
        }

        await using var module = await Script.InvokeAsync<IJSObjectReference>("import", "./" + Assets["Components/Shared/ApexChart.razor.js"]);
        _chart = await module.InvokeAsync<IJSObjectReference>("draw", _canvas, Assets["lib/apexcharts/apexcharts.esm.js"], Height, Content);
        if (_disposed)
            await ReleaseAsync();
    }

    private async Task ReleaseAsync()
    {
        if (Interlocked.Exchange(ref _chart, null) is not { } chart)
            return;
        try
        {
            await chart.InvokeVoidAsync("dispose");
            await chart.DisposeAsync();
        }
        catch (Exception exception) when (exception is JSException || IsGone(exception))
        {
        }
    }

    /// <summary>Whether the browser, or the page with the chart, is gone, so that nothing is left to do.</summary>
    private static bool IsGone(Exception exception) => exception is JSDisconnectedException or OperationCanceledException or ObjectDisposedException;
}
