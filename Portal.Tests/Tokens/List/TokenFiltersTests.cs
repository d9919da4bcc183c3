using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.List;
using Portal.Tokens.Reading;

namespace Portal.Tests.Tokens.List;

/// <summary>The search while the address is behind: setting it takes a round trip to the browser.</summary>
public sealed class TokenFiltersTests : BunitContext
{
    private readonly FakeTimeProvider _clock = new();
    private readonly List<TokenQuery> _asked = [];

    public TokenFiltersTests() => Services.AddSingleton<TimeProvider>(_clock);

    [Fact]
    public void Render_OldAddressAfterASearchWasAskedFor_WhatWasTypedStays()
    {
        var filters = RenderAt("");
        Type(filters, "shop");

        MoveTo(filters, "");

        Assert.Equal(["shop"], _asked.Select(query => query.Search));
        Assert.Equal("shop", Shown(filters));
    }

    /// <summary>On a narrow screen, the button stays where it was when the filters open below it.</summary>
    [Fact]
    public async Task Click_Filters_OpensThemBelowTheSearchAndTheButton()
    {
        var filters = RenderAt("");
        Assert.NotEmpty(filters.FindAll(".filter-bar.folded"));

        await filters.Find(".filter-fold").ClickAsync();

        Assert.Empty(filters.FindAll(".filter-bar.folded"));
        Assert.Equal("true", filters.Find(".filter-fold").GetAttribute("aria-expanded"));
        Assert.Equal(["search", "", "filter-status"], filters.FindAll("search > *").Take(3).Select(part => part.QuerySelector("input, select")?.Id ?? ""));
    }

    [Fact]
    public void Render_SearchArrivesWhileOneTypesOn_WhatWasTypedStaysAndIsAskedFor()
    {
        var filters = RenderAt("");
        Type(filters, "sh");
        filters.Field("Search").Input("shop");

        MoveTo(filters, "sh");
        Assert.Equal("shop", Shown(filters));
        _clock.Advance(TimeSpan.FromSeconds(1));
        MoveTo(filters, "shop");

        Assert.Equal(["sh", "shop"], _asked.Select(query => query.Search));
        Assert.Equal("shop", Shown(filters));
    }

    [Fact]
    public void Render_SearchesArriveLateAndInTheirOrder_WhatWasTypedStays()
    {
        var filters = RenderAt("");
        Type(filters, "s");
        Type(filters, "sh");
        Type(filters, "sho");

        MoveTo(filters, "s");
        Assert.Equal("sho", Shown(filters));
        MoveTo(filters, "sho");
        Assert.Equal("sho", Shown(filters));
        MoveTo(filters, "s");

        Assert.Equal("s", Shown(filters));
    }

    [Fact]
    public void Change_FilterWhileASearchIsUnderWay_TakesItAlong()
    {
        var filters = RenderAt("");
        Type(filters, "shop");

        filters.Field("Status").Change("Active");

        Assert.Equal(new TokenQuery { Search = "shop", Status = TokenStatus.Active }, _asked[^1]);
    }

    [Fact]
    public void Change_FilterWhileOneTypes_TakesAlongWhatIsTyped()
    {
        var filters = RenderAt("");
        filters.Field("Search").Input("shop");

        filters.Field("Status").Change("Active");
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(new TokenQuery { Search = "shop", Status = TokenStatus.Active }, Assert.Single(_asked));
    }

    [Fact]
    public void Render_AnotherAddress_ShowsItsSearch()
    {
        var filters = RenderAt("shop");
        filters.Field("Search").Input("shoe");

        MoveTo(filters, "report");

        Assert.Equal("report", Shown(filters));
    }

    private IRenderedComponent<TokenFilters> RenderAt(string search) => Render<TokenFilters>(parameters => parameters
        .Add(it => it.Query, new TokenQuery { Search = search }).Add(it => it.Catalog, TestCatalog.Default).Add(it => it.Options, new TokenOptions())
        .Add(it => it.QueryChanged, _asked.Add));

    private static void MoveTo(IRenderedComponent<TokenFilters> filters, string search) =>
        filters.Render(parameters => parameters.Add(it => it.Query, new TokenQuery { Search = search }));

    private void Type(IRenderedComponent<TokenFilters> filters, string text)
    {
        filters.Field("Search").Input(text);
        _clock.Advance(TimeSpan.FromMilliseconds(250));
    }

    private static string? Shown(IRenderedComponent<TokenFilters> filters) => filters.Field("Search").GetAttribute("value");
}
