using Portal.Access;
using Portal.Audit;
using Portal.Policies;
using Portal.Tests.Support;

namespace Portal.Tests.Policies;

public sealed class PolicyServiceTests
{
    [Fact]
    public async Task Save_Rules_AreReadBackAndAudited()
    {
        await using var portal = await TestPortal.CreateAsync();
        var rules = new PolicyRules
        {
            MaximumLifetimeDays = 90, PerpetualAllowed = true, PerpetualReasonRequired = true, DefaultPreset = "30 days", MostTokensPerExtension = 10, MostTokensPerOwner = 5,
            RotateEveryDays = 60, DisableIdleAfterDays = 45, AddressesRequired = false, ApprovalModules = [TestTokens.Billing, PolicyRules.AnyModule], ApprovalLifetimeDays = 30,
        };
        await portal.SetPolicyAsync(rules, "EXT-003");

        var stored = Assert.Single(await portal.Policies().ListAsync(portal.Viewer));
        Assert.Equal(("EXT-003", portal.Administrator.Name), (stored.ExtensionId, stored.UpdatedByName));
        Assert.Equal(rules with { ApprovalModules = null }, stored.Rules with { ApprovalModules = null });
        Assert.Equal(rules.ApprovalModules, stored.Rules.ApprovalModules);
        var entry = (await portal.AuditAsync())[^1];
        Assert.Equal((AuditAction.PolicyChanged, "EXT-003"), (entry.Action, entry.TargetName));
        Assert.Contains("\"maximum_lifetime_days\":{\"before\":null,\"after\":90}", entry.Details, StringComparison.Ordinal);
        Assert.Empty(await portal.Policies().ListAsync(portal.OtherAccountActor));
    }

    [Fact]
    public async Task Save_TwoAdministratorsAtOnce_TellsTheSecond()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.SetPolicyAsync(new PolicyRules { MaximumLifetimeDays = 90 });

        var late = await portal.Policies().SaveAsync(portal.Administrator, "", new PolicyRules { MaximumLifetimeDays = 30 }, Guid.Empty);

        Assert.Equal(90, Assert.IsType<PolicyOutcome.Conflict>(late).Current.Rules.MaximumLifetimeDays);
        Assert.Equal(90, Assert.Single(await portal.Policies().ListAsync(portal.Viewer)).Rules.MaximumLifetimeDays);
    }

    [Fact]
    public async Task Save_BadNumbersAndModules_NamesEachField()
    {
        await using var portal = await TestPortal.CreateAsync();
        var rules = new PolicyRules
        {
            MaximumLifetimeDays = 0, MostTokensPerExtension = -1, MostTokensPerOwner = 1_000_001, RotateEveryDays = 36_501, DefaultPreset = new string('x', 17),
            ApprovalModules = ["MD-9999"],
        };

        var errors = Assert.IsType<PolicyOutcome.Invalid>(await portal.Policies().SaveAsync(portal.Administrator, "", rules, Guid.Empty)).Errors;

        Assert.Equal(
            [PolicyField.MaximumLifetimeDays, PolicyField.MostTokensPerExtension, PolicyField.MostTokensPerOwner, PolicyField.RotateEveryDays, PolicyField.DefaultPreset, PolicyField.ApprovalModules],
            errors.Select(error => error.Field));
        Assert.IsType<PolicyOutcome.Refused>(await portal.Policies().SaveAsync(portal.Administrator, "EXT-999", PolicyRules.None, Guid.Empty));
    }

    [Fact]
    public async Task Save_ByATokenThatItWouldPutOutside_IsRefused()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync(days: 90)).Handle;
        var caller = new Actor(ActorKind.Token, handle, "Caller", TestPortal.Account, Role.Administrator);

        var refused = Assert.IsType<PolicyOutcome.Refused>(await portal.Policies().SaveAsync(caller, "", new PolicyRules { MaximumLifetimeDays = 30 }, Guid.Empty));

        Assert.StartsWith("The policy allows keys to be valid for at most 30 days. The token that sent this request", refused.Message, StringComparison.Ordinal);
        Assert.Empty(await portal.Policies().ListAsync(portal.Viewer));
        Assert.IsType<PolicyOutcome.Done>(await portal.Policies().SaveAsync(caller, "", new PolicyRules { MaximumLifetimeDays = 90 }, Guid.Empty));
    }

    [Fact]
    public async Task CheckToken_OutsideThePolicy_ListsWhatItBreaks()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync(days: null)).Handle;
        Assert.Empty(await portal.Policies().CheckTokenAsync(portal.Viewer, handle));
        await portal.SetPolicyAsync(new PolicyRules { MaximumLifetimeDays = 90, AddressesRequired = true, RotateEveryDays = 7 });
        portal.Clock.Advance(TimeSpan.FromDays(7));

        var broken = await portal.Policies().CheckTokenAsync(portal.Viewer, handle);

        Assert.Equal([PolicyRule.Perpetual, PolicyRule.Addresses, PolicyRule.RotateEvery], broken.Select(violation => violation.Rule));
        await portal.Tokens.DisableAsync(portal.Operator, handle);
        Assert.Empty(await portal.Policies().CheckTokenAsync(portal.Viewer, handle));
        Assert.Empty(await portal.Policies().CheckTokenAsync(portal.OtherAccountActor, handle));
    }
}
