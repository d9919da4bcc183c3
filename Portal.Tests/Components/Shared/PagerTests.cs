using Bunit;
using Portal.Components.Shared;
using Portal.Tests.Support;

namespace Portal.Tests.Components.Shared;

public sealed class PagerTests : PageTestContext
{
    [Theory]
    [InlineData(10, "1–10 of 10")]
    [InlineData(20, "1–10 of 20 Page 1 of 2")]
    [InlineData(100, "1–10 of 100 Page 1 of 10")]
    public void Render_FewPages_OffersToTurnThem(int total, string expected)
    {
        var pager = Open(total, _ => { });

        Assert.Equal(expected, string.Join(' ', pager.Texts("nav > span:first-child, .end > span")));
        Assert.Empty(pager.FindAll("input"));
    }

    [Theory]
    [InlineData("700", 700)]
    [InlineData(" 1,234 ", 1_234)]
    [InlineData("0", 1)]
    [InlineData("99999999", 40_001)]
    [InlineData("soon", null)]
    [InlineData("", null)]
    [InlineData("-2", null)]
    public async Task Type_Page_GoesThere(string typed, int? expected)
    {
        int? page = null;
        var pager = Open(400_001, number => page = number);
        Assert.Equal("1", pager.Find("input").GetAttribute("value"));
        Assert.Equal("Go to page Page of 40,001", pager.Find(".end label").Words());

        await pager.Find("input").ChangeAsync(typed);

        Assert.Equal(expected, page);
        Assert.Equal("1", pager.Find("input").GetAttribute("value"));
    }

    [Fact]
    public async Task Click_FirstAndLast_GoThere()
    {
        List<int> pages = [];
        var pager = Open(400_001, pages.Add, page: 7);

        foreach (var name in new[] { "First page", "Previous page", "Next page", "Last page" })
            await pager.Find($"[aria-label='{name}']").ClickAsync();

        Assert.Equal([1, 6, 8, 40_001], pages);
    }

    private IRenderedComponent<Pager> Open(int total, Action<int> turned, int page = 1) => Render<Pager>(pager => pager
        .Add(it => it.Page, page).Add(it => it.PageSize, 10).Add(it => it.PageSizes, [10, 25]).Add(it => it.Total, total).Add(it => it.PageChanged, turned));
}
