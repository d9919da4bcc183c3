using Bunit;
using Microsoft.JSInterop;
using Portal.Components.Shared;

namespace Portal.Tests.Components.Shared;

public sealed class ApexChartTests : BunitContext
{
    private const string Script = "./Components/Shared/ApexChart.razor.js";
    private readonly BunitJSModuleInterop _script;

    public ApexChartTests() => _script = JSInterop.SetupModule(Script);

    [Fact]
    public void Render_First_DrawsOnceWithPortalsOwnEngine()
    {
        DrawSucceeds();

        var chart = Show(Series(1, 2));
        chart.Render();

        var arguments = _script.VerifyInvoke("draw").Arguments;
        Assert.Equal("lib/apexcharts/apexcharts.esm.js", arguments[1]);
        Assert.Equal(280, arguments[2]);
        var content = Assert.IsType<ChartContent>(arguments[3]);
        Assert.Equal(["Mon", "Tue"], content.Categories);
        Assert.Equal([1, 2], content.Series[0].Values);
        Assert.Equal("What it shows", chart.Find("[role=img]").GetAttribute("aria-label"));
    }

    [Fact]
    public void Render_OtherSeries_ShowsThemInTheSameChart()
    {
        var drawn = DrawSucceeds();
        var chart = Show(Series(1, 2));

        chart.Render(parameters => parameters.Add(it => it.Series, Series(3, 4)));

        _script.VerifyInvoke("draw");
        Assert.Equal([3, 4], Assert.IsType<ChartContent>(drawn.VerifyInvoke("show").Arguments[0]).Series[0].Values);
    }

    [Fact]
    public async Task Dispose_Drawn_ReleasesTheBrowsersSide()
    {
        var drawn = DrawSucceeds();
        Show(Series(1, 2));

        await DisposeComponentsAsync();

        drawn.VerifyInvoke("dispose");
    }

    [Fact]
    public async Task Dispose_CircuitGone_NothingIsThrown()
    {
        var drawn = DrawSucceeds();
        drawn.SetupVoid("dispose").SetException(new JSDisconnectedException("gone"));
        Show(Series(1, 2));

        await DisposeComponentsAsync();

        drawn.VerifyInvoke("dispose");
    }

    [Fact]
    public void Render_CircuitGone_NothingIsThrown()
    {
        _script.AddInvocationHandler(new FailingDraw(new JSDisconnectedException("gone")));

        Assert.Empty(Show(Series(1, 2)).FindAll(".chart-failed"));
    }

    [Fact]
    public void Render_ScriptFails_SaysSoAndTriesNoMore()
    {
        _script.AddInvocationHandler(new FailingDraw(new JSException("no engine")));

        var chart = Show(Series(1, 2));
        chart.Render(parameters => parameters.Add(it => it.Series, Series(3, 4)));

        Assert.Contains("cannot be drawn", chart.Find(".chart-failed").TextContent);
        Assert.Empty(chart.FindAll("[role=img]"));
        _script.VerifyInvoke("draw");
    }

    private BunitJSModuleInterop DrawSucceeds()
    {
        var drawn = _script.SetupModule("draw", _ => true);
        drawn.Mode = JSRuntimeMode.Loose;
        return drawn;
    }

    private IRenderedComponent<ApexChart> Show(ChartSeries[] series) => Render<ApexChart>(parameters => parameters
        .Add(it => it.Label, "What it shows").Add(it => it.Categories, ["Mon", "Tue"]).Add(it => it.Series, series));

    private static ChartSeries[] Series(params long[] values) => [new("200s", "--series-200", values)];

    private sealed class FailingDraw(Exception exception)
        : JSRuntimeInvocationHandlerBase<IJSObjectReference>(invocation => invocation.Identifier == "draw", isCatchAllHandler: false)
    {
        protected override Task<IJSObjectReference> HandleAsync(JSRuntimeInvocation invocation) => Task.FromException<IJSObjectReference>(exception);
    }
}
