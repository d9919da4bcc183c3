using System.Net;
using Bunit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.IpRules;
using Portal.IpRules.Screen;
using Portal.Statistics;
using Portal.Tests.Support;

namespace Portal.Tests.IpRules.Screen;

public sealed class AccessCardTests : PageTestContext
{
    private IpRuleService Rules => Server.Services.GetRequiredService<IpRuleService>();

    [Fact]
    public async Task Render_NoRules_SaysAnyAddress()
    {
        var card = await OpenAsync((await Server.CreateAsync()).Handle);

        Assert.Equal(("Any address", "None", "None"), (card.Fact("Can be used from"), card.Fact("Rules for this token"), card.Fact("Rules for all tokens")));
        Assert.Contains("The token wasn't used in this time.", card.Texts("p"));
        Assert.False(card.HasButton("Propose rules"));
    }

    [Fact]
    public async Task Render_BothKindsOfRules_ShowsWhatBothAllowAndWhichAddressesPass()
    {
        var handle = (await Server.CreateAsync()).Handle;
        await UseAsync(handle, "192.0.2.7", "203.0.113.5");
        await Rules.AddAsync(Server.Administrator, new NewIpRule("Office", "192.0.2.0/24"));
        await Rules.AddAsync(Server.Administrator, new NewIpRule(null, "192.0.2.0-192.0.2.9", handle));
        var card = await OpenAsync(handle);

        Assert.Equal("192.0.2.0-192.0.2.9 10 addresses", card.Fact("Can be used from"));
        Assert.Equal("192.0.2.0/24 Office", card.Fact("Rules for all tokens"));
        Assert.Equal(["192.0.2.7", "15 Jan 2030", "Allowed", "203.0.113.5", "15 Jan 2030", "Blocked"], card.Texts("tbody td"));
        Assert.Equal($"integrations/ip-rules?for={handle}", card.Find("a.rules").GetAttribute("href"));
    }

    [Fact]
    public async Task Render_NoCommonAddress_Warns()
    {
        var handle = (await Server.CreateAsync()).Handle;
        await Rules.AddAsync(Server.Administrator, new NewIpRule(null, "192.0.2.0/24"));
        await Rules.AddAsync(Server.Administrator, new NewIpRule(null, "192.0.2.7", handle));
        await Server.ExecuteAsync("UPDATE IpRules SET First = X'00000000000000000000ffff0a000001', Last = X'00000000000000000000ffff0a000001' WHERE TokenId IS NOT NULL");
        var card = await OpenAsync(handle);

        Assert.StartsWith("No address can use this token.", card.Find("[role=alert]").Words(), StringComparison.Ordinal);
        Assert.Equal("No address", card.Fact("Can be used from"));
    }

    [Theory]
    [InlineData("NULL", "None (default)")]
    [InlineData("''", "None")]
    [InlineData("'100 per minute'", "100 requests per minute")]
    public async Task Render_RateLimit_IsWhatIsInForce(string stored, string shown)
    {
        var handle = (await Server.CreateAsync()).Handle;
        await Server.ExecuteAsync($"UPDATE Tokens SET RateLimit = {stored}");
        Assert.Equal(shown, (await OpenAsync(handle)).Fact("Rate limit"));
    }

    [Theory]
    [InlineData(Role.Viewer)]
    [InlineData(Role.Operator)]
    public async Task Render_BelowAdministrator_OffersNoChange(Role role)
    {
        var handle = (await Server.CreateAsync()).Handle;
        await UseAsync(handle, "192.0.2.7");
        Assert.Empty((await OpenAsync(handle, role)).FindAll("button"));
    }

    [Fact]
    public async Task AddRule_ThatRefusesAnAddress_AsksFirstInPlace()
    {
        var handle = (await Server.CreateAsync(name: "Shop")).Handle;
        await UseAsync(handle, "203.0.113.5");
        var card = await OpenAsync(handle);
        card.Button("Add rule").Click();
        WaitForDialog("Add a rule for Shop");
        Dialogs.Field("Address or range").Input("192.0.2.0/24");
        Dialogs.Button("Try without saving").Click();
        Dialogs.WaitForAssertion(() => Assert.Contains("Addresses: 1, tokens: 1.", Dialogs.Find(".note.warn").TextContent, StringComparison.Ordinal));
        Dialogs.Find("form").Submit();
        Dialogs.WaitForAssertion(() => Assert.Contains("Allow only 192.0.2.0/24?", Dialogs.Texts("h2")));
        Assert.Contains("This is the first rule for Shop. Requests with this token from any other address are refused immediately.", Dialogs.Texts("p"));
        Assert.Empty(await Rules.ListAsync(Server.Administrator));
        Dialogs.FindAll("button").Last(button => button.Words() == "Add rule").Click();

        card.WaitForAssertion(() => Assert.Equal("192.0.2.0/24", card.Fact("Rules for this token")));
        Assert.Equal(handle, Assert.Single(await Rules.ListAsync(Server.Administrator)).Token!.Handle);
        Assert.Contains("Blocked", card.Texts(".chip"));
    }

    [Fact]
    public async Task AddRule_OutsideThoseForAll_SaysWhyAtTheField()
    {
        var handle = (await Server.CreateAsync(name: "Shop")).Handle;
        await Rules.AddAsync(Server.Administrator, new NewIpRule(null, "192.0.2.0/24"));
        var card = await OpenAsync(handle);
        card.Button("Add rule").Click();
        WaitForDialog("Add a rule for Shop");
        Dialogs.Field("Address or range").Input("10.0.0.0/8");
        Dialogs.Find("form").Submit();
        Dialogs.WaitForAssertion(() => Assert.StartsWith("No address could use the token Shop", Dialogs.FaultOf("Address or range"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Propose_AddressesSeen_AreAddedWithOnePress()
    {
        var handle = (await Server.CreateAsync(name: "Shop")).Handle;
        await UseAsync(handle, "192.0.2.1", "192.0.2.2", "192.0.2.3", "203.0.113.5");
        var card = await OpenAsync(handle);
        card.Button("Propose rules").Click();
        WaitForDialog("Proposed rules for Shop");
        Dialogs.Button("Add 2 rules").Click();

        card.WaitForAssertion(() => Assert.Equal(["192.0.2.0/24", "203.0.113.5"], card.Texts("dt:nth-of-type(2) + dd li")));
        Assert.All(card.Texts(".chip"), chip => Assert.Equal("Allowed", chip));
        Messages.WaitForAssertion(() => Assert.Contains("2 rules were added. They apply immediately.", Messages.Markup, StringComparison.Ordinal));
    }

    private async Task<IRenderedComponent<AccessCard>> OpenAsync(string handle, Role role = Role.Administrator)
    {
        SignIn(role);
        var token = await Server.DetailsAsync(handle);
        var actor = role switch { Role.Viewer => Server.Viewer, Role.Operator => Server.Operator, _ => Server.Administrator };
        var card = Render<AccessCard>(parameters => parameters.Add(it => it.Actor, actor).Add(it => it.Token, token));
        card.WaitForElement("dl");
        return card;
    }

    private async Task UseAsync(string handle, params string[] addresses)
    {
        await using var context = await Server.OpenAsync();
        var id = await context.Tokens.Where(token => token.Handle == handle).Select(token => token.Id).SingleAsync();
        foreach (var address in addresses)
            Server.Services.GetRequiredService<RequestCounters>().Count(
                new CountKey(id, DateOnly.FromDateTime(Server.Now), TestTokens.Agreements, 200, ""), new Use(1, Server.Now, IPAddress.Parse(address), TestTokens.Agreements));
        Assert.True(await Server.Services.GetRequiredService<CountWriter>().FlushAsync());
    }
}
