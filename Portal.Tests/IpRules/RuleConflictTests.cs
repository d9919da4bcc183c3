using Microsoft.Extensions.DependencyInjection;
using Portal.Audit;
using Portal.IpRules;
using Portal.Tests.Support;

namespace Portal.Tests.IpRules;

/// <summary>No change of the rules leaves a token without an address that can use it.</summary>
public sealed class RuleConflictTests
{
    private static readonly NewIpRule Office = new("Office", "192.0.2.0/24");

    [Fact]
    public async Task Add_FirstRuleForAllThatATokenCannotMeet_IsRefusedWithBothRules()
    {
        await using var portal = await TestPortal.CreateAsync();
        var token = await portal.CreateAsync(name: "Shop");
        await AddAsync(portal, new NewIpRule("Inside", "10.0.0.0/8", token.Handle));

        var fault = FaultOf(await Rules(portal).AddAsync(portal.Administrator, new NewIpRule(null, "203.0.113.7")));

        Assert.Equal(IpRuleField.Addresses, fault.Field);
        Assert.Equal(
            "No address could use the token Shop: its own rules (10.0.0.0/8) and the rules for all tokens (203.0.113.7) have no address in common. "
            + "Include addresses that the tokens' own rules allow, or change the tokens' own rules first.", fault.Message);
        Assert.Single(await Rules(portal).ListAsync(portal.Administrator));
        await AddAsync(portal, new NewIpRule(null, "203.0.113.7", token.Handle));
        await AddAsync(portal, new NewIpRule(null, "203.0.113.7"));
    }

    [Fact]
    public async Task Add_FirstRuleForAllThatManyTokensCannotMeet_NamesThreeAndCountsThem()
    {
        await using var portal = await TestPortal.CreateAsync();
        foreach (var name in new[] { "E", "D", "C", "B", "A" })
            await AddAsync(portal, new NewIpRule(null, "10.0.0.0/8", (await portal.CreateAsync(name: name)).Handle));
        var gone = await portal.CreateAsync(name: "0 deleted");
        await AddAsync(portal, new NewIpRule(null, "10.0.0.0/8", gone.Handle));
        await portal.Tokens.DeleteAsync(portal.Administrator, gone.Handle);

        var fault = FaultOf(await Rules(portal).AddAsync(portal.Administrator, Office));

        Assert.StartsWith(
            "No address could use 5 tokens: A, B, C and 2 more. For example, the rules of A (10.0.0.0/8) and the rules for all tokens (192.0.2.0/24) have no address in common.",
            fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Add_RuleOfATokenOutsideThoseForAll_IsRefused()
    {
        await using var portal = await TestPortal.CreateAsync();
        var token = await portal.CreateAsync(name: "Shop");
        foreach (var addresses in new[] { "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24" })
            await AddAsync(portal, new NewIpRule(null, addresses));

        var fault = FaultOf(await Rules(portal).AddAsync(portal.Administrator, new NewIpRule(null, "10.0.0.0/8", token.Handle)));

        Assert.Equal(
            "No address could use the token Shop: its own rules (10.0.0.0/8) and the rules for all tokens (192.0.2.0/24, 198.51.100.0/24 and 1 more) have no address in common. "
            + "Enter addresses that the rules for all tokens allow, or first add a rule for all tokens that allows these addresses.", fault.Message);
        await AddAsync(portal, new NewIpRule(null, "192.0.2.7", token.Handle));
        // The token has an address now, so that another rule can't cut it off.
        await AddAsync(portal, new NewIpRule(null, "10.0.0.0/8", token.Handle));
    }

    [Fact]
    public async Task Remove_OnlyCommonAddress_IsRefusedOnEitherSide()
    {
        await using var portal = await TestPortal.CreateAsync();
        var token = await portal.CreateAsync(name: "Shop");
        var forAll = await AddAsync(portal, Office);
        await AddAsync(portal, new NewIpRule(null, "198.51.100.0/24"));
        var own = await AddAsync(portal, new NewIpRule(null, "192.0.2.7", token.Handle));
        await AddAsync(portal, new NewIpRule(null, "10.0.0.0/8", token.Handle));

        foreach (var id in new[] { forAll, own })
            Assert.EndsWith(
                "First add a rule so that both have an address in common, and then remove this one.",
                FaultOf(await Rules(portal).RemoveAsync(portal.Administrator, id)).Message, StringComparison.Ordinal);

        Assert.Equal(4, (await Rules(portal).ListAsync(portal.Administrator)).Count);
        Assert.Equal(4, (await portal.AuditAsync()).Count(entry => entry.Action == AuditAction.IpRuleAdded));
        Assert.DoesNotContain(await portal.AuditAsync(), entry => entry.Action == AuditAction.IpRuleRemoved);
    }

    [Fact]
    public async Task Change_WhileAnotherTokenIsCutOffAlready_IsDone()
    {
        await using var portal = await TestPortal.CreateAsync();
        var (stuck, other) = (await portal.CreateAsync(name: "Stuck"), await portal.CreateAsync(name: "Other"));
        var forAll = await AddAsync(portal, Office);
        await AddAsync(portal, new NewIpRule(null, "192.0.2.7", stuck.Handle));
        // Stored by an earlier release, which didn't compare the rules.
        await portal.ExecuteAsync("UPDATE IpRules SET First = X'00000000000000000000ffff0a000001', Last = X'00000000000000000000ffff0a000001', Written = '10.0.0.1' WHERE TokenId IS NOT NULL");

        await AddAsync(portal, new NewIpRule(null, "198.51.100.0/24"));
        await AddAsync(portal, new NewIpRule(null, "192.0.2.8", other.Handle));
        Assert.IsType<IpRuleOutcome.Invalid>(await Rules(portal).AddAsync(portal.Administrator, new NewIpRule(null, "10.0.0.2", stuck.Handle)));
        Assert.IsType<IpRuleOutcome.Invalid>(await Rules(portal).RemoveAsync(portal.Administrator, forAll));
        await AddAsync(portal, new NewIpRule(null, "192.0.2.9", stuck.Handle));
    }

    [Fact]
    public async Task Add_RandomRules_NeverLeaveATokenWithoutAnAddress()
    {
        await using var portal = await TestPortal.CreateAsync();
        string?[] owners = [null, null, (await portal.CreateAsync(name: "A")).Handle, (await portal.CreateAsync(name: "B")).Handle];
        var random = new SeededRandom();
        var refused = 0;
        for (var round = 0; round < 120; round++)
        {
            var stored = await Rules(portal).ListAsync(portal.Administrator);
            var first = random.Next(0, 24);
            var outcome = stored.Count > 0 && random.Next(2) == 0
                ? await Rules(portal).RemoveAsync(portal.Administrator, stored[random.Next(stored.Count)].Id)
                : await Rules(portal).AddAsync(portal.Administrator, new NewIpRule(null, $"192.0.2.{first}-192.0.2.{first + random.Next(0, 3)}", owners[random.Next(owners.Length)]));
            refused += outcome is IpRuleOutcome.Invalid ? 1 : 0;
            var rules = await Rules(portal).ListAsync(portal.Administrator);
            var forAll = rules.Where(rule => rule.Token is null).ToList();
            foreach (var own in rules.Where(rule => rule.Token is not null).GroupBy(rule => rule.Token!.Handle))
                Assert.True(forAll.Count == 0 || own.Any(rule => forAll.Exists(other => rule.Range.First <= other.Range.Last && other.Range.First <= rule.Range.Last)));
        }

        Assert.InRange(refused, 1, 119);
    }

    private static IpRuleService Rules(TestPortal portal) => portal.Services.GetRequiredService<IpRuleService>();

    private static async Task<long> AddAsync(TestPortal portal, NewIpRule rule) =>
        Assert.IsType<IpRuleOutcome.Done>(await Rules(portal).AddAsync(portal.Administrator, rule)).Id;

    private static IpRuleError FaultOf(IpRuleOutcome outcome) => Assert.Single(Assert.IsType<IpRuleOutcome.Invalid>(outcome).Faults);
}
