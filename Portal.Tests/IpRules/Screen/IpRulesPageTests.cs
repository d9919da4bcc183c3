using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.IpRules;
using Portal.IpRules.Screen;
using Portal.Tests.Support;

namespace Portal.Tests.IpRules.Screen;

public sealed class IpRulesPageTests : IpRulesPageContext
{
    [Theory]
    [InlineData("/integrations/ip-rules", 0)]
    [InlineData("/integrations/ip-rules#address-check", 1)]
    public void Render_AddressOfTheCheck_MovesTheFocusThere(string path, int times)
    {
        Open(path: path);

        Assert.Equal(times, JSInterop.Invocations.Count(invocation => invocation.Identifier == "Blazor._internal.domWrapper.focus"));
    }

    [Theory]
    [InlineData(Role.Viewer)]
    [InlineData(Role.Operator)]
    public async Task Render_BelowAdministrator_ShowsTheRulesAndNothingToChangeThem(Role role)
    {
        await AddAsync(new NewIpRule("Office", "192.0.2.0/24"));
        var page = Open(role);

        Assert.Equal(["192.0.2.0/24", "192.0.2.0 – 192.0.2.255 (256 addresses)", "Office"], page.Texts("td .mono, td:first-child small, .cell-label"));
        Assert.Empty(page.FindAll("form, button"));
        Assert.Contains("Only administrators can add and remove rules.", page.Texts("p"));
    }

    [Fact]
    public void Render_NoRules_SaysThatEveryAddressMay()
    {
        var page = Open(Role.Viewer);
        Assert.Equal("No IP rules", page.Find("h2").TextContent);
        Assert.Contains("Tokens can be used from any address. Administrators can add rules.", page.Texts("p"));
    }

    [Fact]
    public async Task Render_EachKindOfRule_SaysWhatItCoversAndForWhom()
    {
        var token = await Server.CreateAsync(name: "Shop");
        await AddAsync(new NewIpRule(null, "192.0.2.7"));
        await AddAsync(new NewIpRule(null, "192.0.2.10-192.0.2.20"));
        await AddAsync(new NewIpRule(null, "::ffff:192.0.2.9"));
        await AddAsync(new NewIpRule(null, "192.0.2.12", token.Handle));
        var page = Open();

        Assert.Equal(
            ["192.0.2.7", "192.0.2.10-192.0.2.20", "11 addresses", "::ffff:192.0.2.9", "192.0.2.9", "192.0.2.12"], page.Texts("td .mono, td:first-child small"));
        Assert.Equal(["All tokens", "All tokens", "All tokens", "Shop", token.Handle], page.Texts("td[data-label=For] :is(a, small, .nowrap:not(small))"));
        Assert.Equal($"tokens/{token.Handle}", page.Find("td[data-label=For] a").GetAttribute("href"));
    }

    [Fact]
    public async Task Render_ForAReaderOfGerman_IsGermanWithGermanNumbers()
    {
        await AddAsync(new NewIpRule("Office", "10.0.0.0/8"));
        using var reader = new ReaderCulture("de");
        var page = Open();

        Assert.Equal("IP-Regeln", page.Find("h1").TextContent);
        Assert.Equal(["10.0.0.0 – 10.255.255.255 (16.777.216 Adressen)"], page.Texts("td:first-child small"));
        await page.Find("form").SubmitAsync();
        page.WaitForAssertion(() => Assert.Equal("Geben Sie eine Adresse oder einen Bereich ein.", page.FaultOf("Adresse oder Bereich")));
    }

    [Fact]
    public async Task Submit_Faults_StandAtTheirFieldsUntilThoseAreTouched()
    {
        var page = Open();
        await SubmitAsync(page, "192.0.2", new string('x', 65), "SU-1");

        page.WaitForAssertion(() => Assert.StartsWith("\"192.0.2\" is not an address.", page.FaultOf("Address or range"), StringComparison.Ordinal));
        Assert.StartsWith("Use at most 64 characters.", page.FaultOf("Label"), StringComparison.Ordinal);
        Assert.StartsWith("This token doesn't exist.", page.FaultOf("Only for the token"), StringComparison.Ordinal);
        page.Field("Address or range").Input("192.0.2.0/24");
        page.WaitForAssertion(() => Assert.Null(page.FaultOf("Address or range")));
        Assert.NotNull(page.FaultOf("Label"));
        Assert.Contains("Allows 192.0.2.0 – 192.0.2.255 (256 addresses).", page.Texts(".hint"));
        Assert.Empty(await Rules.ListAsync(Server.Administrator));
    }

    [Fact]
    public async Task Submit_RuleWithOwnAddress_IsAddedWithoutAQuestion()
    {
        var page = Open();
        await SubmitAsync(page, "198.51.100.0/24", "Office");

        page.WaitForAssertion(() => Assert.Single(page.FindAll("tbody tr")));
        Assert.Equal(["", "", ""], page.Find("form").QuerySelectorAll("input").Select(input => input.GetAttribute("value") ?? ""));
        Assert.Contains($"Your address is {Here}, which the rules allow.", page.Texts("p"));
        Assert.False(page.HasButton("Add current IP"));
        Messages.WaitForAssertion(() => Assert.Contains("The rule was added. It applies immediately.", Messages.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Submit_ShutsSomebodyOut_AsksAndNamesThem()
    {
        await UseAsync((await Server.CreateAsync(name: "Shop")).Handle, "203.0.113.5");
        var page = Open();
        await SubmitAsync(page, "192.0.2.0/24");

        Assert.Equal(
            [
                "This is the first rule for all tokens. Requests from any other address are refused immediately.",
                $"The rule doesn't include your own address, {Here}. Requests from programs there are refused. You can still use these pages.",
                "In the last 30 days, tokens were used from these addresses. Requests from them would be refused:",
            ],
            WaitForDialog("Allow only 192.0.2.0/24?"));
        Assert.Equal(["203.0.113.5", "Shop", "1 request in 30 days", "15 Jan 2030"], Dialogs.Texts("tbody .mono, tbody .stacked > *, tbody .nowrap"));
        await Dialogs.Button("Cancel").ClickAsync();
        Dialogs.WaitForAssertion(() => Assert.Empty(Dialogs.FindAll("h2")));
        Assert.Empty(await Rules.ListAsync(Server.Administrator));
        Assert.Equal("192.0.2.0/24", page.Field("Address or range").GetAttribute("value"));

        await SubmitAsync(page, "192.0.2.0/24");
        WaitForDialog("Allow only 192.0.2.0/24?");
        await Dialogs.Button("Add rule").ClickAsync();
        page.WaitForAssertion(() => Assert.Single(page.FindAll("tbody tr")));
    }

    [Fact]
    public async Task AddCurrentIp_IsTheAddressAsTheServerSawIt()
    {
        await AddAsync(new NewIpRule(null, "192.0.2.7"));
        var page = Open();
        page.Field("Address or range").Input("2001:db8::");
        page.Field("Label").Input("Desk");
        await page.Button("Add current IP").ClickAsync();

        page.WaitForAssertion(() => Assert.Equal([Here, "Desk"], page.Texts("tbody tr:last-child td")[..2]));
        Assert.Equal("2001:db8::", page.Field("Address or range").GetAttribute("value"));
    }

    [Fact]
    public void Render_AddressNotKnown_OffersNoCurrentOne()
    {
        var page = Open(address: null);
        Assert.False(page.HasButton("Add current IP"));
        Assert.DoesNotContain(page.Texts("p"), text => text.StartsWith("Your address", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Remove_LastRule_AsksFirst()
    {
        await AddAsync(new NewIpRule(null, "192.0.2.7"));
        var page = Open();
        page.Button("Remove the rule 192.0.2.7").Click();
        Assert.Equal(["This is the last rule for all tokens. Without it, tokens can be used from any address."], WaitForDialog("Remove the rule 192.0.2.7?"));
        await Dialogs.Button("Remove").ClickAsync();
        page.WaitForAssertion(() => Assert.Contains("No IP rules", page.Texts("h2")));
    }

    [Fact]
    public async Task Remove_RuleThatSomebodyRemovedBefore_SaysSoAndShowsWhatIsThere()
    {
        var id = await AddAsync(new NewIpRule(null, "192.0.2.7"));
        var page = Open();
        await AddAsync(new NewIpRule("Theirs", "192.0.2.8"));
        await Rules.RemoveAsync(Server.Administrator, id);
        await page.Button("Remove the rule 192.0.2.7").ClickAsync();

        page.WaitForAssertion(() => Assert.Equal(["192.0.2.8"], page.Texts("tbody td:first-child")));
        Messages.WaitForAssertion(() => Assert.Contains("Someone else already removed this rule.", Messages.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Remove_RuleThatATokenNeeds_SaysWhyNotAndKeepsIt()
    {
        var shop = await Server.CreateAsync(name: "Shop");
        await AddAsync(new NewIpRule(null, "192.0.2.0/24"));
        await AddAsync(new NewIpRule(null, "198.51.100.0/24"));
        await AddAsync(new NewIpRule(null, "192.0.2.7", shop.Handle));
        var page = Open();

        await page.Button("Remove the rule 192.0.2.0/24").ClickAsync();

        page.WaitForAssertion(() => Assert.Contains(
            "its own rules (192.0.2.7) and the rules for all tokens (198.51.100.0/24) have no address in common", page.Find("[role=alert]").TextContent, StringComparison.Ordinal));
        Assert.Equal(3, page.FindAll("tbody tr").Count);
    }

    [Fact]
    public async Task Submit_RuleThatCutsATokenOff_SaysWhyAtTheField()
    {
        await AddAsync(new NewIpRule(null, "10.0.0.0/8", (await Server.CreateAsync(name: "Shop")).Handle));
        var page = Open();
        await page.Button("Add current IP").ClickAsync();

        page.WaitForAssertion(() => Assert.StartsWith("No address could use the token Shop: its own rules (10.0.0.0/8)", page.FaultOf("Address or range"), StringComparison.Ordinal));
        Assert.Single(await Rules.ListAsync(Server.Administrator));
    }

    [Fact]
    public async Task Try_Rule_ShowsWhoWouldBeRefusedAndSavesNothing()
    {
        await UseAsync((await Server.CreateAsync(name: "Shop")).Handle, "203.0.113.5");
        var page = Open();
        page.Field("Address or range").Input("192.0.2.0/24");
        await page.Button("Try without saving").ClickAsync();

        page.WaitForAssertion(() => Assert.Contains("Some clients would be refused. Addresses: 1, tokens: 1. Nothing is saved yet.", page.Find("[role=status] .note").Words(), StringComparison.Ordinal));
        Assert.Equal(["203.0.113.5", "Shop", "1 request in 30 days", "15 Jan 2030"], page.Texts("form .mono.cell-name, form .stacked > *, form .nowrap"));
        Assert.Empty(await Rules.ListAsync(Server.Administrator));
        page.Field("Address or range").Input("203.0.113.0/24");
        Assert.Empty(page.FindAll("form tbody"));
    }

    [Fact]
    public async Task Try_BadRule_ShowsTheErrorAtItsField()
    {
        var page = Open();
        page.Field("Address or range").Input("nonsense");
        await page.Button("Try without saving").ClickAsync();
        page.WaitForAssertion(() => Assert.NotNull(page.FaultOf("Address or range")));
    }

    [Fact]
    public async Task Leave_WithTypedText_AsksFirst()
    {
        var page = Open();
        page.Field("Address or range").Input("192.0.2.0/24");
        Navigation.NavigateTo("/tokens");
        WaitForDialog("Discard your input?");
        await Dialogs.Button("Keep editing").ClickAsync();
        Assert.Equal("/integrations/ip-rules", Address);
        Navigation.NavigateTo("/integrations/ip-rules?q=x");
        Assert.Equal("/integrations/ip-rules?q=x", Address);
    }

    [Fact]
    public void Render_DraftInTheTab_IsRestored()
    {
        JSInterop.Setup<string?>("portal.readTab", "ip-rule-draft:user-Administrator")
            .SetResult(new IpRuleFormDraft("192.0.2.0/24", "Office", new IpRuleToken("SU-160-984-311", "Shop")).Write());
        var page = Open();

        Assert.Equal(["192.0.2.0/24", "Office", "Shop"], page.Find("form").QuerySelectorAll("input").Select(input => input.GetAttribute("value")));
        page.Button("Start over").Click();
        Assert.Equal(["", "", ""], page.Find("form").QuerySelectorAll("input").Select(input => input.GetAttribute("value") ?? ""));
        Assert.Null(Asked("portal.writeTab")[^1].Arguments[1]);
    }
}
