using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.IpRules;
using Portal.IpRules.Screen;
using Portal.Tests.Support;

namespace Portal.Tests.IpRules.Screen;

/// <summary>A rule was added, but the response was lost.</summary>
public sealed class LostRuleTests : FailingPageContext
{
    private readonly LostAnswer _answer = new();

    private protected override Action<IServiceCollection> Registered => _answer.Register;

    [Theory]
    [InlineData("192.0.2.0/24", "")]
    [InlineData("192.0.0.0/16", "192.0.0.0/16")]
    public async Task Submit_Again_ShowsTheRuleAndAddsNoOther(string typed, string left)
    {
        var rules = Server.Services.GetRequiredService<IpRuleService>();
        await rules.AddAsync(Server.Administrator, new NewIpRule(null, "192.0.2.7"));
        var page = Show<IpRulesPage>("/integrations/ip-rules", Role.Administrator);
        page.WaitForElement("tbody tr");
        page.Field("Address or range").Input("192.0.2.0/24");
        _answer.LoseNextCommit();
        await page.Find("form").SubmitAsync();
        page.WaitForElement(".action-failure");
        page.Field("Address or range").Input(typed);

        await page.Find("form").SubmitAsync();

        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("tbody tr").Count));
        Assert.Equal(left, page.Field("Address or range").GetAttribute("value") ?? "");
        Assert.Contains("Your earlier attempt added the rule 192.0.2.0/24.", Messages.Markup, StringComparison.Ordinal);
        Assert.Equal(["192.0.2.7", "192.0.2.0/24"], (await rules.ListAsync(Server.Administrator)).Select(rule => rule.Written));
    }
}
