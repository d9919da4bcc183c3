using System.Net;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Components;
using Portal.IpRules;
using Portal.IpRules.Screen;
using Portal.Statistics;
using Portal.Tests.Support;

namespace Portal.Tests.IpRules.Screen;

/// <summary>The page with the IP rules, and what happens to them elsewhere.</summary>
public abstract class IpRulesPageContext : PageTestContext
{
    private protected const string Here = "198.51.100.7";

    private protected IpRuleService Rules => Server.Services.GetRequiredService<IpRuleService>();

    private protected IRenderedComponent<IpRulesPage> Open(Role role = Role.Administrator, string? address = Here, string path = "/integrations/ip-rules")
    {
        Navigation.NavigateTo(path);
        SignIn(role);
        var page = Render<CascadingValue<string?>>(value => value
            .Add(it => it.Name, Routes.ClientAddressName).Add(it => it.Value, address).AddChildContent<IpRulesPage>()).FindComponent<IpRulesPage>();
        page.WaitForElement("h1");
        return page;
    }

    private protected static async Task SubmitAsync(IRenderedComponent<IpRulesPage> page, string addresses, string label = "", string token = "")
    {
        page.Field("Address or range").Input(addresses);
        page.Field("Label").Input(label);
        page.Field("Only for the token").Input(token);
        // Not awaited: it may wait for a dialog.
        page.Find("form").Submit();
        await Task.Yield();
    }

    private protected async Task<long> AddAsync(NewIpRule rule) => Assert.IsType<IpRuleOutcome.Done>(await Rules.AddAsync(Server.Administrator, rule)).Id;

    private protected async Task UseAsync(string handle, string address)
    {
        await using var context = await Server.OpenAsync();
        var id = await context.Tokens.Where(token => token.Handle == handle).Select(token => token.Id).SingleAsync();
        Server.Services.GetRequiredService<RequestCounters>().Count(
            new CountKey(id, DateOnly.FromDateTime(Server.Now), "MD-0002", 200, ""), new Use(1, Server.Now, IPAddress.Parse(address), "MD-0002"));
        Assert.True(await Server.Services.GetRequiredService<CountWriter>().FlushAsync());
    }
}
