using Microsoft.Extensions.Options;
using Portal.Catalog;
using Portal.Policies;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Approvals;

namespace Portal.Tests.Tokens.Approvals;

/// <summary>Which rules require approval, for every combination of a policy, the modules of a token and the wanted ones.</summary>
public sealed class ApprovalRulesTests
{
    private static readonly DateTime Now = TestPortal.Start;

    private static readonly ModuleCatalog Catalog = new(Options.Create(new CatalogOptions
    {
        Modules = [.. new[] { "A", "B", "C" }.Select(id => new CatalogOptions.ModuleOptions { Id = id, Name = id })],
    }));

    [Fact]
    public void OfModules_EveryCombination_NeedsApprovalExactlyForNewNamedModules()
    {
        var sets = Subsets("A", "B", "C").ToList();
        foreach (var named in Subsets("A", "B", PolicyRules.AnyModule))
            foreach (var had in sets)
                foreach (var wanted in sets)
                {
                    var policy = new EffectivePolicy(new PolicyRules { ApprovalModules = named }, PolicyRules.None);
                    var need = ApprovalRules.OfModules(policy, Catalog, hadAll: false, had, new ModuleChoice(false, wanted));
                    var isEvery = wanted.Length == 3 && had.Length < 3 && named.Contains(PolicyRules.AnyModule);
                    Assert.Equal(isEvery || wanted.Except(had).Intersect(named).Any(), !need.IsNone);
                    Assert.True(ApprovalRules.OfModules(policy, Catalog, hadAll: true, had, new ModuleChoice(false, wanted)).IsNone);
                    Assert.Equal(named.Length > 0, ApprovalRules.OfModules(policy, Catalog, hadAll: false, had, ModuleChoice.All).AllModules);
                }
    }

    [Theory]
    [InlineData(30, null, 30, false)] // The current key never ends.
    [InlineData(30, 10, 30, false)]
    [InlineData(30, 10, 31, true)]
    [InlineData(30, 10, null, true)]
    [InlineData(30, 40, 40, false)]
    [InlineData(30, 40, 35, false)]
    [InlineData(30, 40, 41, true)]
    [InlineData(30, -1, 31, true)] // The current key has ended.
    [InlineData(30, -1, 30, false)]
    [InlineData(null, 10, null, false)]
    public void OfKey_Days_NeedsApprovalForALaterEndBeyondTheLimit(int? limit, int? present, int? wanted, bool needed)
    {
        var policy = new EffectivePolicy(new PolicyRules { ApprovalLifetimeDays = 1 }, new PolicyRules { ApprovalLifetimeDays = limit });
        if (limit is null)
            policy = EffectivePolicy.None;
        Assert.Equal(needed ? limit : null, ApprovalRules.OfKey(policy, After(present), After(wanted), Now).LifetimeDays);
    }

    [Fact]
    public void Describe_EachRule_IsASentence()
    {
        Assert.Equal(
            ["The policy requires approval for all modules together.", "The policy requires approval for these modules: A, gone.", "The policy requires approval for keys that are valid for more than 30 days."],
            ApprovalRules.Describe(new ApprovalNeed(true, ["A", "gone"], 30), Catalog));
        Assert.Equal(["The policy requires approval for keys that are valid for more than 1 day."], ApprovalRules.Describe(ApprovalNeed.None with { LifetimeDays = 1 }, Catalog));
    }

    private static DateTime? After(int? days) => days is { } count ? Now.AddDays(count) : null;

    private static IEnumerable<string[]> Subsets(params string[] all) =>
        Enumerable.Range(0, 1 << all.Length).Select(bits => all.Where((_, index) => (bits & (1 << index)) != 0).ToArray());
}
