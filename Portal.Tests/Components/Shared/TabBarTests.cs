using Bunit;
using Portal.Components.Shared;

namespace Portal.Tests.Components.Shared;

public sealed class TabBarTests : BunitContext
{
    private readonly List<string> _selected = [];

    public TabBarTests() => JSInterop.Mode = JSRuntimeMode.Loose;

    [Fact]
    public void Render_Tabs_OnlyTheSelectedOneIsInTheTabOrderAndNamesThePanel()
    {
        var bar = RenderBar();

        Assert.Equal(["-1", "0", "-1"], bar.FindAll("[role=tab]").Select(tab => tab.GetAttribute("tabindex")));
        Assert.Equal("tab-two", bar.Find("[role=tabpanel]").GetAttribute("aria-labelledby"));
        Assert.Equal("panel-two", bar.Find("[aria-selected=true]").GetAttribute("aria-controls"));
        Assert.Equal("Things", bar.Find("[role=tablist]").GetAttribute("aria-label"));
    }

    [Theory]
    [InlineData("ArrowRight", "Three")]
    [InlineData("ArrowLeft", "One")]
    [InlineData("Home", "One")]
    [InlineData("End", "Three")]
    public async Task KeyDown_OnTheSelectedTab_SelectsAndFocusesAnother(string key, string selected)
    {
        await RenderBar().Find("#tab-two").KeyDownAsync(key);

        Assert.Equal([selected], _selected);
        JSInterop.VerifyFocusAsyncInvoke();
    }

    [Theory]
    [InlineData("#tab-three", "ArrowRight", "One")]
    [InlineData("#tab-one", "ArrowLeft", "Three")]
    public async Task KeyDown_AtTheEnd_GoesRound(string tab, string key, string selected)
    {
        await RenderBar().Find(tab).KeyDownAsync(key);

        Assert.Equal([selected], _selected);
    }

    [Fact]
    public async Task KeyDown_AnotherKey_SelectsNothing()
    {
        await RenderBar().Find("#tab-two").KeyDownAsync("Enter");

        Assert.Empty(_selected);
    }

    private IRenderedComponent<TabBar> RenderBar() => Render<TabBar>(parameters => parameters
        .Add(it => it.Tabs, ["One", "Two", "Three"]).Add(it => it.Selected, "Two").Add(it => it.Label, "Things").Add(it => it.SelectedChanged, _selected.Add));
}
