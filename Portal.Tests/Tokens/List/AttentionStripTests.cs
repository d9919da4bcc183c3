using Bunit;
using Portal.Data;
using Portal.Tests.Support;
using Portal.Tokens.List;

namespace Portal.Tests.Tokens.List;

public sealed class AttentionStripTests : ListTestContext
{
    [Fact]
    public async Task Click_Part_ListsItsTokensAndAgainAllTokens()
    {
        await Server.CreateAsync(TestTokens.Wanted("Soon") with { ExpiresAt = Server.Now.AddDays(3) });
        await Server.CreateAsync(name: "Later");
        var page = Open("/tokens?extension=EXT-000&size=10");
        Assert.Equal("1 expiring within 7 days", page.Find(".attention button").Words());

        await page.Find(".attention button").ClickAsync();
        Assert.Equal("/tokens?attention=expiring-soon&size=10", Address);
        Assert.Equal(["Soon"], Names(page));
        Assert.Equal("true", page.Find(".attention button").GetAttribute("aria-pressed"));

        await page.Find(".attention button").ClickAsync();
        Assert.Equal("/tokens?size=10", Address);
        Assert.Equal(2, Names(page).Length);
    }

    [Fact]
    public async Task Row_FoundByItsRefusedRequests_OpensTheTabThatListsThem()
    {
        var handle = (await Server.CreateAsync(name: "Refused")).Handle;
        await using (var context = await Server.OpenAsync())
        {
            context.DailyCounts.Add(new DailyCount
            {
                TokenId = context.Tokens.Single().Id, Day = DateOnly.FromDateTime(Server.Now), ModuleId = "MD-0002", StatusCode = 429, Reason = "rate", Count = 2,
            });
            await context.SaveChangesAsync(Xunit.TestContext.Current.CancellationToken);
        }

        var page = Open("/tokens?attention=refused-today");
        Assert.Equal($"tokens/{handle}?tab=statistics&requests=refused", page.Find("tbody .cell-name a").GetAttribute("href"));

        await page.Find(".attention button").ClickAsync();
        Assert.Equal($"tokens/{handle}", page.Find("tbody .cell-name a").GetAttribute("href"));
    }

    [Fact]
    public async Task Render_NothingNeedsAttention_IsNotThere()
    {
        await Server.CreateAsync(name: "Fine");

        Assert.Empty(Open("/tokens").FindAll(".attention"));
    }

    [Fact]
    public async Task Refresh_TokenNeedsAttentionLater_AppearsByItself()
    {
        await Server.CreateAsync(name: "Soon", days: 8);
        var page = Open("/tokens");
        Assert.Empty(page.FindAll(".attention"));

        Server.Clock.Advance(TimeSpan.FromDays(2));
        await UntilAsync(() =>
        {
            Server.Clock.Advance(TokenList.RefreshInterval);
            return page.FindAll(".attention").Count > 0;
        });

        Assert.Equal("1 expiring within 7 days", page.Find(".attention button").Words());
    }
}
