using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Portal.Components.Shared;

/// <summary>Values of one colour in a chart.</summary>
/// <param name="Colour">The name of a CSS variable, <c>--series-200</c>: read anew when the theme changes.</param>
/// <param name="Values">One for each category.</param>
public sealed record ChartSeries(string Name, string Colour, IReadOnlyList<long> Values);

/// <summary>The one place that knows the chart engine. Its script is loaded when a chart is first shown, from Portal itself.</summary>
public sealed partial class ApexChart
{
    private ElementReference _canvas;
    private IJSObjectReference? _chart;
    private IReadOnlyList<ChartSeries>? _drawn;
    private bool _failed;
    private bool _disposed;

    /// <summary>A sentence that describes the chart.</summary>
    [Parameter, EditorRequired]
    public string Label { get; set; } = "";

    [Parameter, EditorRequired]
    public IReadOnlyList<string> Categories { get; set; } = [];

    /// <summary>From the bottom up. Another list redraws the chart.</summary>
    [Parameter, EditorRequired]
    public IReadOnlyList<ChartSeries> Series { get; set; } = [];

    /// <summary>In pixels; the place is kept free while the script loads.</summary>
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
            // The script did not arrive, or the browser cannot run it: the page stays of use without the picture.
            Logger.LogWarning(exception, "A browser could not draw a chart");
            _failed = true;
            StateHasChanged();
        }
        catch (Exception exception) when (IsGone(exception))
        {
        }
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        await ReleaseAsync();
    }

    private async Task DrawAsync()
    {
        if (_chart is not null)
        {
            await _chart.InvokeVoidAsync("show", Categories, Series);
            return;
        }

        await using var module = await Script.InvokeAsync<IJSObjectReference>("import", "./" + Assets["Components/Shared/ApexChart.razor.js"]);
        _chart = await module.InvokeAsync<IJSObjectReference>("draw", _canvas, Assets["lib/apexcharts/apexcharts.esm.js"], Height, Categories, Series);
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

    /// <summary>The browser, or the page that held the chart, is not there any more: then nothing is left to do.</summary>
    private static bool IsGone(Exception exception) => exception is JSDisconnectedException or OperationCanceledException or ObjectDisposedException;
}
