using Bunit;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.IpRules;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Create;

namespace Portal.Tests.Tokens.Create;

/// <summary>The folded limits in the step of the permissions.</summary>
public sealed class LimitsSectionTests : WizardTestContext
{
    private protected override string Stored => "token-draft:user-Administrator";

    [Fact]
    public async Task Render_Folded_HasNoFieldThatWouldTakeTheFocus()
    {
        var page = await AtPermissionsAsync(Role.Administrator);

        Assert.Equal("false", page.Button("Limits (optional)").GetAttribute("aria-expanded"));
        Assert.Empty(page.FindAll("#limits input"));
    }

    [Fact]
    public async Task Create_WithLimits_AreInTheSummaryAndInForce()
    {
        var page = await AtPermissionsAsync(Role.Administrator);
        await page.Button("Limits (optional)").ClickAsync();
        await page.Field("A limit of its own").ChangeAsync("Own");
        await page.Field("Requests").InputAsync("100");
        await AddAsync(page, "192.0.2.0/24");
        Assert.Equal(["192.0.2.0/24", "192.0.2.0 – 192.0.2.255 (256 addresses)"], page.Texts(".limits-addresses .mono, .limits-addresses small"));

        await NextAsync(page);

        Assert.Equal(("100 requests per minute", "192.0.2.0/24"), (page.Fact("Rate limit"), page.Fact("Allowed addresses")));
        Assert.Equal("192.0.2.0/24", Assert.Single(await RulesAsync()).Written);
    }

    [Fact]
    public async Task Create_AddressTypedButNotAdded_IsNotLost()
    {
        var page = await AtPermissionsAsync(Role.Administrator);
        await page.Button("Limits (optional)").ClickAsync();
        await page.Field("Address or range").InputAsync("192.0.2.7");

        await NextAsync(page);

        Assert.Equal("192.0.2.7", page.Fact("Allowed addresses"));
    }

    [Fact]
    public async Task Create_WrongAddressTyped_StaysAndSaysSoAtTheField()
    {
        var page = await AtPermissionsAsync(Role.Administrator);
        await page.Button("Limits (optional)").ClickAsync();
        await page.Field("Address or range").InputAsync("192.0.2.1/24");

        await NextAsync(page);

        Assert.Equal("Permissions", StepOf(page));
        Assert.Contains("192.0.2.0/24", page.FaultOf("Address or range"), StringComparison.Ordinal);
        Assert.Empty(await RulesAsync());
    }

    [Fact]
    public async Task Enter_InTheAddress_AddsItAndDoesNotCreateTheToken()
    {
        var page = await AtPermissionsAsync(Role.Administrator);
        await page.Button("Limits (optional)").ClickAsync();
        await page.Field("Address or range").InputAsync("192.0.2.7");

        await page.Field("Address or range").KeyDownAsync(new KeyboardEventArgs { Key = "Enter" });

        Assert.Equal("no-form", page.Field("Address or range").GetAttribute("form"));
        Assert.Single(page.FindAll(".limits-addresses li"));
        await page.Button("Remove 192.0.2.7").ClickAsync();
        Assert.Empty(page.FindAll(".limits-addresses li"));
    }

    [Fact]
    public async Task Render_Operator_HasTheRateLimitOnly()
    {
        SignIn(Role.Operator);
        var draft = new TokenDraft { Name = "Shop", ExtensionId = "EXT-000" };

        var section = Render<LimitsSection>(it => it.Add(limits => limits.Draft, draft).Add(limits => limits.Default, "none"));
        await section.Button("Limits (optional)").ClickAsync();

        Assert.Equal(["The default: none", "A limit of its own", "Any number"], section.Texts("label.choice"));
        Assert.Empty(section.FindAll("#limits-address"));
    }

    [Fact]
    public async Task Reload_WithLimits_TheDraftHasThem()
    {
        var page = await AtPermissionsAsync(Role.Administrator);
        await page.Button("Limits (optional)").ClickAsync();
        await page.Field("Any number").ChangeAsync("None");
        await AddAsync(page, "192.0.2.7");

        var draft = DraftSerializer.Read(Kept, Server.Catalog)!;

        Assert.Equal((RateLimitChoice.None, true), (draft.RateLimit.ToChoice(), draft.ShowsLimits));
        Assert.Equal(["192.0.2.7"], draft.Addresses);
    }

    private static async Task AddAsync(IRenderedComponent<TokenCreate> page, string address)
    {
        await page.Field("Address or range").InputAsync(address);
        await page.Button("Add").ClickAsync();
    }

    private async Task<IRenderedComponent<TokenCreate>> AtPermissionsAsync(Role role)
    {
        var page = Open(role);
        await AnswerAllAsync(page);
        return page;
    }

    private Task<IReadOnlyList<IpRuleEntry>> RulesAsync() => Server.Services.GetRequiredService<IpRuleService>().ListAsync(Server.Viewer);
}
