using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.IpRules;
using Portal.Statistics;
using Portal.Tests.Support;

namespace Portal.Tests.IpRules;

/// <summary>The callers that a change would block, based on the counts so far.</summary>
public sealed class IpRulePreviewerTests
{
    private static readonly NewIpRule Office = new("Office", "192.0.2.0/24");

    [Fact]
    public async Task Add_FirstRule_NamesAddressesThatWereSeenAndAreNotInIt()
    {
        await using var portal = await TestPortal.CreateAsync();
        var (nightly, shop) = (await portal.CreateAsync(name: "Nightly report"), await portal.CreateAsync(name: "Shop"));
        await UseAsync(portal, nightly.Handle, "192.0.2.7", "203.0.113.5");
        portal.Clock.Advance(TimeSpan.FromDays(2));
        await UseAsync(portal, shop.Handle, "::ffff:203.0.113.5", "2001:db8::1");

        var preview = await AddAsync(portal, Office);

        var (today, before) = (DateOnly.FromDateTime(portal.Now), DateOnly.FromDateTime(TestPortal.Start));
        Assert.Equal(
            [
                new RefusedAddress("203.0.113.5", new IpRuleToken(shop.Handle, "Shop"), today),
                new RefusedAddress("2001:db8::1", new IpRuleToken(shop.Handle, "Shop"), today),
                new RefusedAddress("203.0.113.5", new IpRuleToken(nightly.Handle, "Nightly report"), before),
            ],
            preview!.Refused);
        Assert.Equal((3, false, false), (preview.RefusedCount, preview.RemovesLastRestriction, preview.IsHarmless));
        Assert.True((await Previewer(portal).AddAsync(portal.OtherAccountActor, Office, null))!.IsHarmless);
    }

    [Fact]
    public async Task Add_OneMoreRule_ShutsOutNobody()
    {
        await using var portal = await TestPortal.CreateAsync();
        await UseAsync(portal, (await portal.CreateAsync()).Handle, "203.0.113.5");
        await Service(portal).AddAsync(portal.Administrator, Office);
        Assert.True((await AddAsync(portal, new NewIpRule(null, "198.51.100.0/24"), "203.0.113.9"))!.IsHarmless);
    }

    [Fact]
    public async Task Add_RuleOfAToken_AsksOnlyForThatToken()
    {
        await using var portal = await TestPortal.CreateAsync();
        var (nightly, shop) = (await portal.CreateAsync(name: "Nightly report"), await portal.CreateAsync(name: "Shop"));
        await UseAsync(portal, nightly.Handle, "203.0.113.5");
        await UseAsync(portal, shop.Handle, "203.0.113.6");

        var preview = await AddAsync(portal, Office with { TokenHandle = shop.Handle }, "203.0.113.7");

        Assert.Equal("203.0.113.6", Assert.Single(preview!.Refused).Address);
        Assert.False(preview.RefusesCurrentAddress);
    }

    [Theory]
    [InlineData("203.0.113.7", true)]
    [InlineData("192.0.2.9", false)]
    [InlineData("::ffff:192.0.2.9", false)]
    [InlineData("2001:db8::1", true)]
    [InlineData(null, false)]
    public async Task Add_FirstRule_SaysWhetherTheAskersAddressIsInIt(string? asker, bool refused)
    {
        await using var portal = await TestPortal.CreateAsync();
        Assert.Equal(refused, (await AddAsync(portal, Office, asker))!.RefusesCurrentAddress);
    }

    [Fact]
    public async Task Add_BadRule_IsNothingToPreview()
    {
        await using var portal = await TestPortal.CreateAsync();
        Assert.Null(await AddAsync(portal, new NewIpRule(null, "nonsense")));
    }

    [Fact]
    public async Task Remove_OneOfTwoRules_NamesWhoWasAllowedByItAlone()
    {
        await using var portal = await TestPortal.CreateAsync();
        await UseAsync(portal, (await portal.CreateAsync()).Handle, "192.0.2.7", "192.0.2.200", "203.0.113.5");
        var office = await IdAsync(portal, Office);
        await IdAsync(portal, new NewIpRule("Half of it", "192.0.2.0/25"));

        var preview = await Previewer(portal).RemoveAsync(portal.Administrator, office, "192.0.2.201");

        Assert.Equal("192.0.2.200", Assert.Single(preview!.Refused).Address);
        Assert.Equal((true, false), (preview.RefusesCurrentAddress, preview.RemovesLastRestriction));
    }

    [Fact]
    public async Task Remove_LastRule_OpensToAll()
    {
        await using var portal = await TestPortal.CreateAsync();
        var token = await portal.CreateAsync();
        var ofAll = await IdAsync(portal, Office);
        var ofToken = await IdAsync(portal, Office with { TokenHandle = token.Handle });

        foreach (var id in new[] { ofAll, ofToken })
        {
            var preview = await Previewer(portal).RemoveAsync(portal.Administrator, id, "203.0.113.7");
            Assert.Equal((0, false, true), (preview!.RefusedCount, preview.RefusesCurrentAddress, preview.RemovesLastRestriction));
        }
    }

    [Fact]
    public async Task Remove_MissingOrForeignRule_IsNull()
    {
        await using var portal = await TestPortal.CreateAsync();
        var id = await IdAsync(portal, Office);
        Assert.Null(await Previewer(portal).RemoveAsync(portal.OtherAccountActor, id, null));
        Assert.Null(await Previewer(portal).RemoveAsync(portal.Administrator, id + 1, null));
    }

    [Fact]
    public async Task Preview_LongAgoOrDeletedToken_DoesNotCount()
    {
        await using var portal = await TestPortal.CreateAsync();
        var (old, gone) = (await portal.CreateAsync(name: "Old"), await portal.CreateAsync(name: "Gone"));
        await UseAsync(portal, old.Handle, "203.0.113.5");
        portal.Clock.Advance(TimeSpan.FromDays(IpRulePreview.Days - 1));
        Assert.Equal(1, (await AddAsync(portal, Office))!.RefusedCount);
        portal.Clock.Advance(TimeSpan.FromDays(1));
        await UseAsync(portal, gone.Handle, "203.0.113.6");
        await portal.Tokens.DeleteAsync(portal.Administrator, gone.Handle);
        Assert.True((await AddAsync(portal, Office))!.IsHarmless);
    }

    [Fact]
    public async Task Preview_ManyAddresses_CountsAllAndListsSome()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync()).Handle;
        await UseAsync(portal, handle, [.. Enumerable.Range(0, 50).Select(i => $"203.0.113.{i}")]);
        var preview = (await AddAsync(portal, Office))!;
        Assert.Equal((50, IpRulePreview.MostListed), (preview.RefusedCount, preview.Refused.Count));
    }

    [Fact]
    public async Task Try_Rules_StoresNothingAndCountsTheRequestsOfTheirTokens()
    {
        await using var portal = await TestPortal.CreateAsync();
        var (nightly, shop) = (await portal.CreateAsync(name: "Nightly report"), await portal.CreateAsync(name: "Shop"));
        await UseAsync(portal, nightly.Handle, "203.0.113.5", "203.0.113.6", "192.0.2.7");
        await UseAsync(portal, shop.Handle, "203.0.113.5");

        var trial = await Previewer(portal).TryAsync(portal.Administrator, [Office, new NewIpRule(null, "203.0.113.6")], null);

        Assert.Empty(trial.Faults);
        Assert.Equal((2, 2), (trial.Preview!.RefusedCount, trial.Preview.RefusedTokenCount));
        Assert.Equal((3, 1), (trial.Preview.RequestsOf[nightly.Handle], trial.Preview.RequestsOf[shop.Handle]));
        Assert.Empty(await Service(portal).ListAsync(portal.Administrator));
    }

    [Fact]
    public async Task Try_RulesThatCutATokenOff_GivesTheReason()
    {
        await using var portal = await TestPortal.CreateAsync();
        var shop = await portal.CreateAsync(name: "Shop");
        await IdAsync(portal, new NewIpRule(null, "10.0.0.0/8", shop.Handle));

        var trial = await Previewer(portal).TryAsync(portal.Administrator, [Office], null);

        Assert.Null(trial.Preview);
        Assert.StartsWith("No address could use the token Shop", Assert.Single(trial.Faults).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<Portal.Access.AccessDeniedException>(() => Previewer(portal).TryAsync(portal.Operator, [Office], null));
    }

    private static IpRuleService Service(TestPortal portal) => portal.Services.GetRequiredService<IpRuleService>();

    private static IpRulePreviewer Previewer(TestPortal portal) => portal.Services.GetRequiredService<IpRulePreviewer>();

    private static Task<IpRulePreview?> AddAsync(TestPortal portal, NewIpRule rule, string? asker = null) =>
        Previewer(portal).AddAsync(portal.Administrator, rule, asker);

    private static async Task<long> IdAsync(TestPortal portal, NewIpRule rule) =>
        Assert.IsType<IpRuleOutcome.Done>(await Service(portal).AddAsync(portal.Administrator, rule)).Id;

    private static async Task UseAsync(TestPortal portal, string handle, params string[] addresses)
    {
        long id;
        await using (var context = await portal.OpenAsync())
            id = await context.Tokens.Where(token => token.Handle == handle).Select(token => token.Id).SingleAsync();
        foreach (var address in addresses)
            portal.Services.GetRequiredService<RequestCounters>().Count(
                new CountKey(id, DateOnly.FromDateTime(portal.Now), "MD-0002", 200, ""), new Use(1, portal.Now, IPAddress.Parse(address), "MD-0002"));
        Assert.True(await portal.Services.GetRequiredService<CountWriter>().FlushAsync());
    }
}
