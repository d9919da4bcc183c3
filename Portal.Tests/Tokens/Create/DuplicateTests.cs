using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.IpRules;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Create;

namespace Portal.Tests.Tokens.Create;

/// <summary>The wizard filled with the values of an existing token.</summary>
public sealed class DuplicateTests : WizardTestContext
{
    private protected override string Stored => "token-draft:user-Administrator";

    [Fact]
    public async Task Open_FromAToken_HasItsValuesAndCreatesATokenLikeIt()
    {
        var original = await Server.CreateAsync(Server.Administrator, TestTokens.Wanted("Shop", TestTokens.Billing) with
        {
            ExternalId = "SHOP-1",
            Description = "Prices",
            ExpiresAt = Server.Now.AddMonths(6),
            RateLimit = RateLimitChoice.Of(new RateLimit(5, RateUnit.Second)),
            Addresses = ["192.0.2.7"],
        });
        Server.Clock.Advance(TimeSpan.FromDays(10));

        var page = Duplicate(original.Handle);

        Assert.Equal(("Shop (copy)", "", "Prices"), (Value(page, "Name"), Value(page, "External ID"), Value(page, "Description")));
        Assert.Equal("/tokens/create", Address);
        await NextAsync(page);
        Assert.Equal(["6 months", "At once"], page.Picked("radio"));
        await NextAsync(page, 2);
        Assert.Equal(["Billing"], page.Picked("checkbox"));
        await NextAsync(page);
        var copy = await Server.DetailsAsync(page.Fact("Handle"));
        Assert.Equal(("Shop (copy)", null, "5 per second", Server.Now.AddMonths(6)), (copy.Name, copy.ExternalId, copy.RateLimit.Code, copy.ExpiresAt));
        Assert.Equal("192.0.2.7", page.Fact("Allowed addresses"));
        Assert.NotEqual(original.Handle, copy.Handle);
    }

    [Fact]
    public async Task Open_NameIsTaken_CountsOn()
    {
        var original = await Server.CreateAsync(name: "Shop");
        await Server.CreateAsync(name: "shop (COPY)");

        Assert.Equal("Shop (copy 2)", Value(Duplicate(original.Handle), "Name"));
    }

    [Fact]
    public async Task Open_LongestName_IsShortened()
    {
        var original = await Server.CreateAsync(name: new string('n', 128));

        Assert.Equal(new string('n', 121) + " (copy)", Value(Duplicate(original.Handle), "Name"));
    }

    [Theory]
    [InlineData(null, "Perpetual")]
    [InlineData(30, "30 days")]
    [InlineData(31, "90 days")]
    public async Task Open_EachLife_PicksThePresetThatLastsAsLong(int? days, string picked)
    {
        var original = await Server.CreateAsync(days: days);

        var page = Duplicate(original.Handle);
        await NextAsync(page);

        Assert.Equal([picked, "At once"], page.Picked("radio"));
    }

    [Fact]
    public async Task Open_FromADeletedToken_WorksAndHasTheSameName()
    {
        var original = await Server.CreateAsync(name: "Shop");
        await Server.Tokens.DeleteAsync(Server.Administrator, original.Handle);

        Assert.Equal("Shop (copy)", Value(Duplicate(original.Handle), "Name"));
    }

    [Theory]
    [InlineData("SU-000-000-000")]
    [InlineData("nonsense")]
    public void Open_FromNoToken_StartsWithDefaults(string handle) => Assert.Equal("", Value(Duplicate(handle), "Name"));

    [Fact]
    public async Task Open_OperatorAndRules_SaysThatTheyAreNotCopied()
    {
        var original = await Server.CreateAsync();
        await Server.Services.GetRequiredService<IpRuleService>().AddAsync(
            Server.Administrator, new NewIpRule(null, "192.0.2.7", original.Handle), Xunit.TestContext.Current.CancellationToken);

        var page = Duplicate(original.Handle, Role.Operator);

        Assert.StartsWith("The original token has IP rules.", page.Find(".note.warn").Words(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reload_AfterDuplicating_KeepsTheDraftAndNotTheOriginal()
    {
        var original = await Server.CreateAsync(name: "Shop");
        var page = Duplicate(original.Handle);
        await page.Field("Name").InputAsync("Shop 2");

        Assert.Equal("Shop 2", Value(Reopen(Kept), "Name"));
    }

    private static string Value(IRenderedComponent<TokenCreate> page, string field) => page.Field(field).GetAttribute("value") ?? "";

    private IRenderedComponent<TokenCreate> Duplicate(string handle, Role role = Role.Administrator)
    {
        SignIn(role);
        Navigation.NavigateTo($"/tokens/create?from={handle}");
        var page = Render<TokenCreate>();
        page.WaitForAssertion(() => page.Find("form"));
        return page;
    }
}
