using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Addresses;
using Portal.IpRules;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.IpRules;

/// <summary>Which tokens can be used from an address.</summary>
public sealed class AddressCheckerTests
{
    [Fact]
    public async Task Check_RulesOfSomeTokens_AnswersForEach()
    {
        await using var portal = await TestPortal.CreateAsync();
        var (office, anywhere) = (await portal.CreateAsync(name: "Office only"), await portal.CreateAsync(name: "Anywhere"));
        await AddAsync(portal, "192.0.2.0/24", office.Handle);

        Assert.Equal(["Anywhere", "Office only"], await NamesAsync(portal, "192.0.2.7"));
        Assert.Equal(["Anywhere"], await NamesAsync(portal, "203.0.113.5"));
        Assert.Equal(["Anywhere", "Office only"], await NamesAsync(portal, "0.0.0.0/0"));
        Assert.Equal(["Anywhere"], await NamesAsync(portal, "192.0.2.0/24", outside: true));
        await AddAsync(portal, "192.0.2.0/25");
        Assert.Empty(await NamesAsync(portal, "203.0.113.5"));
        Assert.Empty(await NamesAsync(portal, "192.0.2.0/24", outside: true));
        Assert.Equal(["Anywhere", "Office only"], await NamesAsync(portal, "192.0.2.0/28", outside: true));
        var row = (await CheckAsync(portal, "192.0.2.7")).Rows[1];
        Assert.Equal((office.Handle, false, 1), (row.Token.Handle, row.AllModules, row.OwnRules));
        Assert.NotNull(anywhere);
    }

    [Fact]
    public async Task Check_Module_OnlyTokensThatMayUseIt()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.CreateAsync(TestTokens.Wanted("Agreements", TestTokens.Agreements));
        await portal.CreateAsync(TestTokens.Wanted("Billing", TestTokens.Billing));
        await portal.CreateAsync(TestTokens.Wanted("Everything") with { Modules = ModuleChoice.All });

        Assert.Equal(["Billing", "Everything"], await NamesAsync(portal, "192.0.2.7", module: TestTokens.Billing));
    }

    [Fact]
    public async Task Check_TokensThatDoNotWork_AreLeftOut()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.CreateAsync(name: "Works");
        await portal.Tokens.DisableAsync(portal.Operator, (await portal.CreateAsync(name: "Disabled")).Handle);
        await portal.Tokens.DeleteAsync(portal.Administrator, (await portal.CreateAsync(name: "Deleted")).Handle);
        await portal.CreateAsync(days: 10, name: "Expired");
        portal.Clock.Advance(TimeSpan.FromDays(20));

        Assert.Equal(["Works"], await NamesAsync(portal, "192.0.2.7"));
        Assert.Equal(0, (await portal.Services.GetRequiredService<AddressChecker>().CheckAsync(portal.OtherAccountActor, QuestionOf("192.0.2.7"), 1, 10)).Total);
        await Assert.ThrowsAsync<AccessDeniedException>(() => portal.Services.GetRequiredService<AddressChecker>().CheckAsync(portal.Operator, QuestionOf("192.0.2.7"), 1, 10));
    }

    [Fact]
    public async Task Check_ManyTokens_ArePagedInOrderOfName()
    {
        await using var portal = await TestPortal.CreateAsync();
        for (var i = 0; i < 7; i++)
            await portal.CreateAsync(name: $"Token {i}");

        var answer = await portal.Services.GetRequiredService<AddressChecker>().CheckAsync(portal.Administrator, QuestionOf("192.0.2.7"), 2, 3);

        Assert.Equal(["Token 3", "Token 4", "Token 5"], answer.Rows.Select(row => row.Token.Name));
        Assert.Equal(7, answer.Total);
    }

    [Fact]
    public async Task Check_RandomRules_AgreesWithTheGateway()
    {
        await using var portal = await TestPortal.CreateAsync();
        var random = new SeededRandom();
        string?[] owners = [null, (await portal.CreateAsync(name: "A")).Handle, (await portal.CreateAsync(name: "B")).Handle, (await portal.CreateAsync(name: "C")).Handle];
        await using var context = await portal.OpenAsync();
        var ids = await context.Tokens.OrderBy(token => token.Name).Select(token => new { token.Id, token.Name }).ToListAsync();
        for (var round = 0; round < 25; round++)
        {
            var first = random.Next(0, 12);
            await portal.Services.GetRequiredService<IpRuleService>().AddAsync(
                portal.Administrator, new NewIpRule(null, $"192.0.2.{first}-192.0.2.{first + random.Next(0, 4)}", owners[random.Next(owners.Length)]));
            var rules = await portal.Services.GetRequiredService<AddressRulesCache>().GetAsync(TestPortal.Account, default);
            for (var last = 0; last < 16; last += 3)
                Assert.Equal(
                    ids.Where(token => rules.Allow(token.Id, IPAddress.Parse($"192.0.2.{last}"))).Select(token => token.Name), await NamesAsync(portal, $"192.0.2.{last}"));
            var outside = Enumerable.Range(0, 20).Where(last => last is < 4 or > 9).Select(last => IPAddress.Parse($"192.0.2.{last}")).Append(IPAddress.IPv6Loopback);
            Assert.Equal(
                ids.Where(token => outside.Any(address => rules.Allow(token.Id, address))).Select(token => token.Name), await NamesAsync(portal, "192.0.2.4-192.0.2.9", outside: true));
        }
    }

    private static AddressQuestion QuestionOf(string addresses) =>
        AddressRangeFormat.TryParse(addresses, out var range, out var fault) ? new AddressQuestion(range) : throw new ArgumentException(fault, nameof(addresses));

    private static Task<AddressAnswer> CheckAsync(TestPortal portal, string addresses, bool outside = false, string? module = null) =>
        portal.Services.GetRequiredService<AddressChecker>().CheckAsync(portal.Administrator, QuestionOf(addresses) with { IsOutside = outside, ModuleId = module }, 1, 10);

    private static async Task<string[]> NamesAsync(TestPortal portal, string addresses, bool outside = false, string? module = null)
    {
        var answer = await CheckAsync(portal, addresses, outside, module);
        Assert.Equal(answer.Total, answer.Rows.Count);
        return [.. answer.Rows.Select(row => row.Token.Name)];
    }

    private static async Task AddAsync(TestPortal portal, string addresses, string? handle = null) => Assert.IsType<IpRuleOutcome.Done>(
        await portal.Services.GetRequiredService<IpRuleService>().AddAsync(portal.Administrator, new NewIpRule(null, addresses, handle)));
}
