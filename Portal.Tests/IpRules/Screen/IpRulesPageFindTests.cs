using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Portal.IpRules;
using Portal.Tests.Support;

namespace Portal.Tests.IpRules.Screen;

/// <summary>Finding rules, tokens and addresses on the page with the IP rules.</summary>
public sealed class IpRulesPageFindTests : IpRulesPageContext
{
    [Fact]
    public async Task Filter_OneToken_IsInTheAddressAndNamesIt()
    {
        var (shop, nightly) = (await Server.CreateAsync(name: "Shop"), await Server.CreateAsync(name: "Nightly"));
        await AddAsync(new NewIpRule("Office", "192.0.2.0/24"));
        await AddAsync(new NewIpRule(null, "192.0.2.7", shop.Handle));
        await AddAsync(new NewIpRule(null, "192.0.2.8", nightly.Handle));
        var page = Open(path: $"/integrations/ip-rules?for={shop.Handle}");

        Assert.Equal(["192.0.2.7"], page.Texts("tbody td.cell-name"));
        Assert.Equal("Shop", page.Field("Token").GetAttribute("value"));
        page.Field("For").Change("AllTokens");
        Assert.Equal(("/integrations/ip-rules?for=all-tokens", "192.0.2.0/24"), (Address, page.Texts("tbody .mono").Single()));
        page.Field("Search rules").Input("192.0.2.77");
        Assert.Equal(["192.0.2.0/24"], page.Texts("tbody .mono"));
        page.Field("Search rules").Input("nothing");
        Assert.Equal("No matching rules", page.Find("section h2").TextContent);
        page.Field("For").Change("");
        page.Field("Search rules").Input("nightly");
        Assert.Equal(["192.0.2.8"], page.Texts("tbody .mono"));
        Assert.Equal("/integrations/ip-rules?q=nightly", Address);
        page.Field("Search rules").Input($"ApiKey {shop.Key!.ToHeaderValue()}");
        Assert.Equal("/integrations/ip-rules", Address);
    }

    [Fact]
    public async Task List_ManyRules_IsPaged()
    {
        await Rules.AddAsync(Server.Administrator, [.. Enumerable.Range(0, 30).Select(i => new NewIpRule(null, $"192.0.2.{i}"))]);
        var page = Open();
        Assert.Equal(25, page.FindAll("tbody tr").Count);
        await page.Button("Next page").ClickAsync();
        Assert.Equal("192.0.2.25", page.Texts("tbody td.cell-name")[0]);
        Assert.Equal("/integrations/ip-rules?page=2", Address);
    }

    [Fact]
    public async Task TokenPicker_PartOfAName_SuggestsTokensForTheRule()
    {
        var (shop, _) = (await Server.CreateAsync(name: "Shop"), await Server.CreateAsync(name: "Nightly"));
        var page = Open();
        page.Field("Address or range").Input("192.0.2.7");
        page.Field("Only for the token").Input("sho");
        Server.Clock.Advance(TimeSpan.FromSeconds(1));
        page.WaitForAssertion(() => Assert.Equal([$"Shop{shop.Handle}"], page.Texts("[role=option]")));
        page.Field("Only for the token").KeyDown("ArrowDown");
        Assert.Equal(page.Find("[role=option]").Id, page.Field("Only for the token").GetAttribute("aria-activedescendant"));
        page.Field("Only for the token").KeyDown("Enter");

        Assert.Equal("Shop", page.Field("Only for the token").GetAttribute("value"));
        Assert.Equal("false", page.Field("Only for the token").GetAttribute("aria-expanded"));
        page.Find("form").Submit();
        page.WaitForAssertion(() => Assert.Single(page.FindAll("tbody tr")));
        Assert.Equal(shop.Handle, Assert.Single(await Rules.ListAsync(Server.Administrator)).Token!.Handle);
    }

    [Fact]
    public async Task TokenPicker_NameTypedButNotChosen_IsFound()
    {
        var shop = await Server.CreateAsync(name: "Shop");
        var page = Open();
        await SubmitAsync(page, "192.0.2.7", token: "shop");
        page.WaitForAssertion(() => Assert.Single(page.FindAll("tbody tr")));
        Assert.Equal(shop.Handle, Assert.Single(await Rules.ListAsync(Server.Administrator)).Token!.Handle);
    }

    [Fact]
    public async Task TokenPicker_PastedKey_KeepsOnlyTheHandle()
    {
        var shop = await Server.CreateAsync(name: "Shop");
        var page = Open();
        page.Field("Only for the token").Input(shop.Key!.ToHeaderValue());
        Assert.Equal(shop.Handle, page.Field("Only for the token").GetAttribute("value"));
        Assert.DoesNotContain(JSInterop.Invocations["portal.writeTab"], call => $"{call.Arguments[1]}".Contains(shop.Key.ToHeaderValue()[^20..], StringComparison.Ordinal));
    }

    [Fact]
    public async Task Propose_ForAllTokens_AddsWhatIsSelected()
    {
        var shop = await Server.CreateAsync(name: "Shop");
        foreach (var address in new[] { "192.0.2.1", "192.0.2.2", "192.0.2.3", "203.0.113.5", Here })
            await UseAsync(shop.Handle, address);
        var page = Open();
        page.Button("Propose rules for all tokens").Click();
        WaitForDialog("Proposed rules for all tokens");
        Assert.Equal(["192.0.2.0/24", Here, "203.0.113.5"], Dialogs.Texts(".choice strong"));
        Assert.Equal("192.0.2.1, 192.0.2.2, 192.0.2.3 · last used 15 Jan 2030", Dialogs.Texts(".choice small")[0]);
        Dialogs.FindAll(".choice input")[2].Change(false);
        Dialogs.Button("Try without saving").Click();
        Dialogs.WaitForAssertion(() => Assert.Contains("Addresses: 1, tokens: 1.", Dialogs.Find(".note.warn").TextContent, StringComparison.Ordinal));
        Dialogs.Button("Add 2 rules").Click();
        Dialogs.WaitForAssertion(() => Assert.Contains($"Allow only 192.0.2.0/24, {Here}?", Dialogs.Texts("h2")));
        Dialogs.FindAll("button").Last(button => button.Words() == "Add 2 rules").Click();

        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("tbody tr").Count));
        Assert.Equal(["192.0.2.0/24", Here], (await Rules.ListAsync(Server.Administrator)).Select(rule => rule.Written));
    }

    [Fact]
    public async Task Check_Address_ListsTheTokensThatCanReachAModule()
    {
        await Server.CreateAsync(TestTokens.Wanted("Invoices", TestTokens.Billing));
        var office = await Server.CreateAsync(TestTokens.Wanted("Office", TestTokens.Billing));
        await Server.CreateAsync(name: "Agreements");
        await AddAsync(new NewIpRule(null, "192.0.2.0/24", office.Handle));
        var page = Open();
        var form = page.FindAll("form")[1];
        await form.SubmitAsync();
        page.WaitForAssertion(() => Assert.Equal("Enter an address or a range.", page.FaultOf("Address or network")));
        page.Field("Address or network").Input("192.0.2.0/24");
        page.Field("Requests come from").Change("outside");
        page.Field("Module").Change(TestTokens.Billing);
        await page.FindAll("form")[1].SubmitAsync();

        page.WaitForAssertion(() => Assert.Contains("1 token can reach Billing from outside 192.0.2.0/24.", page.Texts("p[role=status]")));
        Assert.Contains("Invoices", page.Texts("td a"));
    }
}
