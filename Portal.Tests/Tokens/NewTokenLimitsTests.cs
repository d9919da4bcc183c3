using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Addresses;
using Portal.Audit;
using Portal.IpRules;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Reading;

namespace Portal.Tests.Tokens;

/// <summary>A token that is created with a rate limit and IP rules: all of it, or nothing.</summary>
public sealed class NewTokenLimitsTests
{
    [Fact]
    public async Task Create_WithLimits_StoresThemAndTheirAuditEntries()
    {
        await using var portal = await TestPortal.CreateAsync();
        // The cache knows the account without rules.
        await AllowedAsync(portal, "198.51.100.1");

        var created = await portal.CreateAsync(portal.Administrator, TestTokens.Wanted() with
        {
            RateLimit = RateLimitChoice.Of(new RateLimit(100, RateUnit.Minute)),
            Addresses = [" 192.0.2.0/24 ", "2001:db8::1"],
        });

        Assert.Equal("100 per minute", (await portal.DetailsAsync(created.Handle)).RateLimit.Code);
        Assert.Equal(
            [("192.0.2.0/24", created.Handle), ("2001:db8::1", created.Handle)],
            (await Rules(portal).ListAsync(portal.Viewer)).Select(rule => (rule.Written, rule.Token!.Handle)));
        var audit = await portal.AuditAsync();
        Assert.Equal([AuditAction.TokenCreated, AuditAction.IpRuleAdded, AuditAction.IpRuleAdded], audit.Select(entry => entry.Action));
        Assert.All(audit, entry => Assert.Equal(created.Handle, entry.TargetId));
        Assert.Contains("\"rate_limit\":\"100 per minute\"", audit[0].Details, StringComparison.Ordinal);
        Assert.Contains("\"from\":\"192.0.2.0\",\"to\":\"192.0.2.255\"", audit[1].Details, StringComparison.Ordinal);
        Assert.Equal((true, false), (await AllowedAsync(portal, "192.0.2.9"), await AllowedAsync(portal, "198.51.100.1")));
    }

    [Fact]
    public async Task Create_AddressesByAnOperator_IsDenied()
    {
        await using var portal = await TestPortal.CreateAsync();

        await Assert.ThrowsAsync<AccessDeniedException>(() => portal.Tokens.CreateAsync(
            portal.Operator, TestTokens.Wanted() with { Addresses = ["192.0.2.7"] }, cancellation: TestContext.Current.CancellationToken));

        Assert.Empty(await portal.ListAsync(new TokenQuery()));
    }

    [Theory]
    [InlineData("10.1", "\"10.1\" is not an address.")]
    [InlineData("192.0.2.7,192.0.2.8", "")]
    [InlineData("", "")]
    public async Task Create_WrongAddress_StoresNothing(string address, string message)
    {
        await using var portal = await TestPortal.CreateAsync();

        var fault = await RefusedAsync(portal, TestTokens.Wanted() with { Addresses = ["192.0.2.7", address] });

        Assert.Equal(TokenField.Addresses, fault.Field);
        Assert.StartsWith(message, fault.Message, StringComparison.Ordinal);
        Assert.Empty(await Rules(portal).ListAsync(portal.Viewer));
        Assert.Empty(await portal.AuditAsync());
    }

    [Fact]
    public async Task Create_SameRangeTwice_IsRefused()
    {
        await using var portal = await TestPortal.CreateAsync();

        var fault = await RefusedAsync(portal, TestTokens.Wanted() with { Addresses = ["192.0.2.0/24", "192.0.2.0-192.0.2.255"] });

        Assert.Equal("A rule for these addresses already exists: 192.0.2.0-192.0.2.255.", fault.Message);
    }

    [Theory]
    [InlineData("192.0.2.7", true)]
    [InlineData("192.0.3.0/24", false)]
    [InlineData("192.0.0.0/16", true)]
    [InlineData("2001:db8::/32", false)]
    public async Task Create_RulesForAllTokens_RefusesWhatNoAddressMeets(string address, bool isCreated)
    {
        await using var portal = await TestPortal.CreateAsync();
        await Rules(portal).AddAsync(portal.Administrator, new NewIpRule(null, "192.0.2.0/24"), TestContext.Current.CancellationToken);

        var outcome = await portal.Tokens.CreateAsync(
            portal.Administrator, TestTokens.Wanted() with { Addresses = [address] }, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(isCreated, outcome is TokenOutcome.Done);
        if (outcome is TokenOutcome.Invalid invalid)
            Assert.StartsWith("The IP rules for all tokens allow none of these addresses", Assert.Single(invalid.Faults).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_MoreRulesThanTheAccountMayHave_IsRefused()
    {
        await using var portal = await TestPortal.CreateAsync();

        var fault = await RefusedAsync(portal, TestTokens.Wanted() with { Addresses = [.. Enumerable.Range(1, IpRuleService.MostRules + 1).Select(i => $"10.0.{i / 256}.{i % 256}")] });

        Assert.StartsWith("Your account has reached the maximum of 200 rules.", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_RateLimitOutOfRange_IsRefused()
    {
        await using var portal = await TestPortal.CreateAsync();

        var fault = await RefusedAsync(portal, TestTokens.Wanted() with { RateLimit = RateLimitChoice.Of(new RateLimit(0, RateUnit.Minute)) });

        Assert.Equal(TokenField.RateLimit, fault.Field);
    }

    [Fact]
    public async Task Create_TwiceWithTheSameId_AddsTheRulesOnce()
    {
        await using var portal = await TestPortal.CreateAsync();
        var wanted = TestTokens.Wanted() with { Addresses = ["192.0.2.7"] };
        var first = await portal.CreateAsync(portal.Administrator, wanted);

        var second = await portal.CreateAsync(portal.Administrator, wanted);

        Assert.Equal((first.Handle, true), (second.Handle, second.WasCreatedEarlier));
        Assert.Single(await Rules(portal).ListAsync(portal.Viewer));
    }

    private static IpRuleService Rules(TestPortal portal) => portal.Services.GetRequiredService<IpRuleService>();

    private static async Task<bool> AllowedAsync(TestPortal portal, string address)
    {
        var rules = await portal.Services.GetRequiredService<AddressRulesCache>().GetAsync(TestPortal.Account, TestContext.Current.CancellationToken);
        return rules.Allow(1, AddressNumber.Of(IPAddress.Parse(address)));
    }

    private static async Task<Fault> RefusedAsync(TestPortal portal, NewToken wanted)
    {
        var outcome = await portal.Tokens.CreateAsync(portal.Administrator, wanted, cancellation: TestContext.Current.CancellationToken);
        Assert.Empty(await portal.ListAsync(new TokenQuery()));
        return Assert.Single(Assert.IsType<TokenOutcome.Invalid>(outcome).Faults);
    }
}
