using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.IpRules;
using Portal.Policies;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Policies;

public sealed class PolicyPreviewerTests
{
    [Fact]
    public async Task Preview_EachRule_FindsTheTokensOutside()
    {
        await using var portal = await TestPortal.CreateAsync();
        var perpetual = (await portal.CreateAsync(days: null, name: "Perpetual")).Handle;
        var late = (await portal.CreateAsync(days: 400, name: "Late")).Handle;
        var limited = (await portal.CreateAsync(days: 20, name: "Limited")).Handle;
        await portal.CreateAsync(portal.OtherAccountActor, TestTokens.Wanted("Of others") with { ExpiresAt = null });
        await portal.Tokens.DisableAsync(portal.Operator, (await portal.CreateAsync(days: null, name: "Disabled")).Handle);
        await portal.Services.GetRequiredService<IpRuleService>().AddAsync(portal.Administrator, new NewIpRule(null, "192.0.2.1", limited));
        portal.Clock.Advance(TimeSpan.FromDays(5));
        await portal.Tokens.RotateAsync(portal.Operator, late, portal.Now.AddDays(395));

        await AssertAsync(new PolicyRules { MaximumLifetimeDays = 90 }, (PolicyRule.Perpetual, [perpetual]), (PolicyRule.MaximumLifetime, [late]));
        await AssertAsync(new PolicyRules { MaximumLifetimeDays = 395, PerpetualAllowed = true, PerpetualReasonRequired = true }, (PolicyRule.PerpetualReason, [perpetual]));
        await AssertAsync(new PolicyRules { AddressesRequired = true }, (PolicyRule.Addresses, [perpetual, late]));
        await AssertAsync(new PolicyRules { RotateEveryDays = 5 }, (PolicyRule.RotateEvery, [perpetual, limited]));
        await AssertAsync(new PolicyRules { DisableIdleAfterDays = 5 }, (PolicyRule.DisableIdle, [perpetual, limited]));
        await AssertAsync(new PolicyRules());

        async Task AssertAsync(PolicyRules rules, params (PolicyRule Rule, string[] Handles)[] expected)
        {
            var preview = await PreviewAsync(portal, "", rules);
            Assert.Equal(expected.Select(breach => breach.Rule), preview.Breaches.Select(breach => breach.Rule));
            foreach (var (breach, wanted) in preview.Breaches.Zip(expected))
                Assert.Equal(wanted.Handles.Order(), (await portal.Services.GetRequiredService<PolicyPreviewer>().ReadHandlesAsync(portal.Administrator, breach.TokenIds)).Order());
        }
    }

    [Fact]
    public async Task Preview_OfTheAccount_LeavesOutExtensionsWithTheirOwnRule()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.CreateAsync(days: null, name: "Custom");
        var other = (await portal.CreateAsync(TestTokens.Wanted("Flowgear") with { ExtensionId = "EXT-003", ExpiresAt = null })).Handle;
        await portal.SetPolicyAsync(new PolicyRules { PerpetualAllowed = true, AddressesRequired = false }, "EXT-003");

        Assert.Equal(1, Assert.Single((await PreviewAsync(portal, "", new PolicyRules { PerpetualAllowed = false })).Breaches).Count);
        var breach = Assert.Single((await PreviewAsync(portal, "EXT-003", new PolicyRules { PerpetualAllowed = false })).Breaches);
        var row = Assert.Single(await portal.Services.GetRequiredService<PolicyPreviewer>().ReadAsync(portal.Administrator, breach.TokenIds));
        Assert.Equal((other, "Flowgear", null), (row.Handle, row.Name, row.ExpiresAt));
    }

    [Fact]
    public async Task Preview_MoreTokensThanAllowed_NamesExtensionsAndCountsOwners()
    {
        await using var portal = await TestPortal.CreateAsync();
        for (var number = 0; number < 3; number++)
            await portal.CreateAsync(TestTokens.Wanted($"Token {number}") with { Owner = OwnerChoice.OfTeam("Payments") });

        var preview = await PreviewAsync(portal, "", new PolicyRules { MostTokensPerExtension = 2, MostTokensPerOwner = 2 });

        Assert.Equal(["EXT-000"], preview.FullExtensions);
        Assert.Equal(1, preview.FullOwners);
        Assert.True((await PreviewAsync(portal, "", new PolicyRules { MostTokensPerExtension = 3, MostTokensPerOwner = 3 })).IsEmpty);
    }

    [Fact]
    public async Task Shorten_KeysThatLastTooLong_EndEarlierAndAreAudited()
    {
        await using var portal = await TestPortal.CreateAsync();
        var key = (await portal.CreateAsync(TestTokens.Wanted() with { ExpiresAt = null, PerpetualReason = "A device" })).Key!;
        var end = portal.Now.AddDays(10);

        var done = Assert.IsType<TokenOutcome.Done>(await portal.Tokens.ShortenAsync(portal.Operator, key.Handle, end));

        var token = await portal.DetailsAsync(key.Handle);
        Assert.Equal([end, end], [token.ExpiresAt, token.LiveSecrets[0].EndsAt]);
        Assert.Null(token.PerpetualReason);
        Assert.Equal(done.Version, token.Version);
        Assert.True(await portal.AcceptsAsync(key));
        Assert.Equal("token.expiration_shortened", (await portal.AuditAsync())[^1].Action);
        Assert.IsType<TokenOutcome.Refused>(await portal.Tokens.ShortenAsync(portal.Operator, key.Handle, end));
        Assert.IsType<TokenOutcome.Invalid>(await portal.Tokens.ShortenAsync(portal.Operator, key.Handle, portal.Now));
        portal.Clock.Advance(TimeSpan.FromDays(10));
        Assert.False(await portal.AcceptsAsync(key));
    }

    private static Task<PolicyPreview> PreviewAsync(TestPortal portal, string extensionId, PolicyRules rules) =>
        portal.Services.GetRequiredService<PolicyPreviewer>().PreviewAsync(portal.Administrator, extensionId, rules);
}
