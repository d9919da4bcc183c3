using Portal.Policies;

namespace Portal.Tests.Policies;

public sealed class EffectivePolicyTests
{
    private static readonly DateTime Now = new(2030, 1, 15, 12, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void Of_RuleOfTheExtension_ReplacesThatOfTheAccountEachOnItsOwn()
    {
        var policy = new EffectivePolicy(
            new PolicyRules { MaximumLifetimeDays = 90, RotateEveryDays = 30, MostTokensPerOwner = 5 }, new PolicyRules { MaximumLifetimeDays = 400, MostTokensPerOwner = 2 });
        Assert.Equal((400, 30, 2, true), (policy.MaximumLifetimeDays, policy.RotateEveryDays, policy.MostTokensPerOwner, policy.OwnerLimitIsOfExtension));
    }

    [Theory]
    [InlineData(null, null, true)]
    [InlineData(90, null, false)]
    [InlineData(90, true, true)]
    [InlineData(null, false, false)]
    public void PerpetualAllowed_WithoutARule_DependsOnTheMaximumLifetime(int? days, bool? allowed, bool expected)
    {
        var policy = new EffectivePolicy(new PolicyRules { MaximumLifetimeDays = days, PerpetualAllowed = allowed }, PolicyRules.None);
        Assert.Equal(expected, policy.CheckExpiration(null, null, Now) is null);
        Assert.Equal(expected, policy.LatestEnd(Now) is null && policy.PerpetualAllowed);
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, "The policy allows keys to be valid for at most 90 days.")]
    public void CheckExpiration_AtTheLimit_IsAllowed(int seconds, string? expected)
    {
        var policy = new EffectivePolicy(new PolicyRules { MaximumLifetimeDays = 90 }, PolicyRules.None);
        Assert.Equal(expected, policy.CheckExpiration(Now.AddDays(90).AddSeconds(seconds), null, Now)?.Sentence);
    }

    [Theory]
    [InlineData(null, PolicyRule.PerpetualReason)]
    [InlineData("  ", PolicyRule.PerpetualReason)]
    [InlineData("Built into a device", null)]
    public void CheckExpiration_PerpetualWithReasonRequired_NeedsOne(string? reason, PolicyRule? broken)
    {
        var policy = new EffectivePolicy(new PolicyRules { PerpetualReasonRequired = true }, PolicyRules.None);
        Assert.Equal(broken, policy.CheckExpiration(null, reason, Now)?.Rule);
        Assert.Null(policy.CheckExpiration(Now.AddYears(50), null, Now));
    }

    [Fact]
    public void CheckAgeAndIdle_OnTheDay_AreBroken()
    {
        var policy = new EffectivePolicy(new PolicyRules { RotateEveryDays = 30, DisableIdleAfterDays = 1 }, PolicyRules.None);
        Assert.Null(policy.CheckAge(Now.AddDays(-30).AddSeconds(1), Now));
        Assert.Equal("The policy requires a new key at least every 30 days.", policy.CheckAge(Now.AddDays(-30), Now)?.Sentence);
        Assert.Null(policy.CheckIdle(Now.AddDays(-1).AddSeconds(1), Now));
        Assert.Equal("The policy disables tokens that are neither used nor changed for 1 day.", policy.CheckIdle(Now.AddDays(-1), Now)?.Sentence);
    }
}
