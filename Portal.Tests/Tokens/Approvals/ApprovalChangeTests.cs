using Portal.Access;
using Portal.Data;
using Portal.Policies;
using Portal.Tests.Policies;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Approvals;
using Portal.Tokens.Reading;

namespace Portal.Tests.Tokens.Approvals;

/// <summary>Every change by everyone under every rule: an Operator's waits, and applies after the approval as an administrator's would.</summary>
public sealed class ApprovalChangeTests
{
    public static TheoryData<string> ChangeNames => [.. ApprovalCases.Changes.Keys];

    [Theory]
    [MemberData(nameof(ChangeNames))]
    public async Task Change_UnderARule_WaitsAndThenAppliesAsForAnAdministrator(string change)
    {
        await using var portal = await TestPortal.CreateAsync(settings: new() { ["Tokens:ApprovalDays"] = "90" });
        var (ofOperator, ofAdministrator) = (await TokenOfAsync(portal, portal.Operator), await TokenOfAsync(portal, portal.Administrator));
        foreach (var rule in ApprovalCases.RulesFor(change))
        {
            var (handle, twin) = ((await portal.CreateAsync(portal.Administrator, Base(portal, $"One {rule}"))).Handle, (await portal.CreateAsync(portal.Administrator, Base(portal, $"Two {rule}"))).Handle);
            var before = await portal.DetailsAsync(handle);
            await portal.SetPolicyAsync(ApprovalCases.Rules[rule]);
            Task<TokenOutcome> Act(Actor actor, string token, ApprovalAsk? ask = null) => ApprovalCases.Changes[change](portal, actor, token, rule, ask);

            var needed = Assert.IsType<TokenOutcome.NeedsApproval>(await Act(portal.Operator, handle));
            Assert.StartsWith("The policy requires approval for ", needed.Message, StringComparison.Ordinal);
            // A program can't wait. One that acts for an administrator needs no approval.
            Assert.Contains("a program can't wait for approval", Assert.IsType<TokenOutcome.Forbidden>(await Act(ofOperator, handle)).Message, StringComparison.Ordinal);
            Assert.IsType<TokenOutcome.Done>(await Act(ofAdministrator, twin));
            Assert.Equal(before.Version, (await portal.DetailsAsync(handle)).Version);
            if (change == "grant")
                continue;

            var requested = Assert.IsType<TokenOutcome.Requested>(await Act(portal.Operator, handle, new ApprovalAsk("Please")));
            Assert.Equal(requested with { IsEarlier = true }, await Act(portal.Operator, handle, new ApprovalAsk("Again")));
            Assert.Equal(before.Version, (await portal.DetailsAsync(handle)).Version);
            var done = Assert.IsType<ApprovalOutcome.Done>(await portal.Approvals().ApproveAsync(portal.Administrator, requested.RequestId, "Fine"));

            Assert.Equal((ApprovalState.Approved, "An Administrator", "Fine"), (done.Request.State, done.Request.DecidedByName, done.Request.Comment));
            await AssertSameAsync(portal, change, await portal.DetailsAsync(done.Request.TokenHandle!), await portal.DetailsAsync(change == "create" ? await FindAsync(portal, $"New {twin}") : twin));
        }
    }

    private static async Task AssertSameAsync(TestPortal portal, string change, TokenDetails asked, TokenDetails direct)
    {
        Assert.Equal(
            (direct.AllModules, string.Join(' ', direct.Choice.ModuleIds), direct.ExpiresAt, direct.Description, direct.LiveSecrets.Count),
            (asked.AllModules, string.Join(' ', asked.Choice.ModuleIds), asked.ExpiresAt, asked.Description, asked.LiveSecrets.Count));
        Assert.Equal("An Operator", change == "create" ? asked.Created.ByName : "An Operator");
        Assert.Equal(change == "create" ? "An Operator" : "An Administrator", asked.Owner!.Name);
        Assert.Equal(change == "create" ? "An Operator" : "An Administrator", asked.Updated.ByName);
        var entries = (await portal.AuditAsync()).Where(entry => entry.TargetId == asked.Handle).TakeLast(2).ToList();
        Assert.All(entries, entry => Assert.Equal("An Administrator", entry.ActorName));
        Assert.All(entries, entry => Assert.Contains("\"requested_by\":\"An Operator\"", entry.Details, StringComparison.Ordinal));
        Assert.Contains(entries, entry => entry.Action == "approval.approved");
    }

    [Fact]
    public async Task Change_UnderNoRule_NeedsNoApprovalByAnyone()
    {
        await using var portal = await TestPortal.CreateAsync();
        foreach (var change in ApprovalCases.Changes.Keys)
            foreach (var rule in ApprovalCases.RulesFor(change))
            {
                // A rule of another extension, and one that the change stays below.
                await portal.SetPolicyAsync(ApprovalCases.Rules[rule], "EXT-001");
                await portal.SetPolicyAsync(new PolicyRules { ApprovalModules = [], ApprovalLifetimeDays = rule == "perpetual" ? null : 60 });
                var handle = (await portal.CreateAsync(portal.Administrator, Base(portal, $"Base of {change} {rule}"))).Handle;
                Assert.IsType<TokenOutcome.Done>(await ApprovalCases.Changes[change](portal, portal.Operator, handle, rule, new ApprovalAsk("Not needed")));
            }

        Assert.Empty((await portal.Approvals().ListWaitingAsync(portal.Administrator)).Requests);
    }

    /// <summary>A key that may be known to others can be replaced at any time, and nobody waits for less.</summary>
    [Fact]
    public async Task Change_ThatGrantsNothingNew_NeedsNoApproval()
    {
        await using var portal = await TestPortal.CreateAsync();
        var perpetual = (await portal.CreateAsync(portal.Administrator, Base(portal, "Perpetual") with { ExpiresAt = null, Modules = ModuleChoice.All })).Handle;
        var late = (await portal.CreateAsync(portal.Administrator, Base(portal, "Late", TestTokens.Agreements, TestTokens.Billing) with { ExpiresAt = portal.Now.AddDays(90) })).Handle;
        await portal.SetPolicyAsync(new PolicyRules { ApprovalModules = [TestTokens.Billing, PolicyRules.AnyModule], ApprovalLifetimeDays = 30 });

        Assert.IsType<TokenOutcome.Done>(await portal.Tokens.RotateAsync(portal.Operator, perpetual, null));
        Assert.IsType<TokenOutcome.Done>(await portal.Tokens.RotateAsync(portal.Operator, late, portal.Now.AddDays(90)));
        Assert.IsType<TokenOutcome.Done>(await portal.Tokens.RotateAsync(portal.Operator, late, portal.Now.AddDays(30)));
        Assert.IsType<TokenOutcome.NeedsApproval>(await portal.Tokens.RotateAsync(portal.Operator, late, portal.Now.AddDays(31)));
        Assert.IsType<TokenOutcome.Done>(await EditAsync(perpetual, TestTokens.Billing));
        Assert.IsType<TokenOutcome.Done>(await EditAsync(late, TestTokens.Agreements));
        Assert.IsType<TokenOutcome.NeedsApproval>(await EditAsync(late, TestTokens.Agreements, TestTokens.Billing));

        async Task<TokenOutcome> EditAsync(string handle, params string[] modules) =>
            await portal.Tokens.EditAsync(portal.Operator, handle, new TokenEdit($"Edited {handle}", null, null, new ModuleChoice(false, modules)), (await portal.DetailsAsync(handle)).Version);
    }

    [Fact]
    public async Task Create_ExtensionThatSetsItsModules_NeedsApprovalToo()
    {
        await using var portal = await TestPortal.CreateAsync();
        var extension = portal.Catalog.Extensions.First(extension => extension.Permissions == Portal.Catalog.PermissionRule.Fixed);
        await portal.SetPolicyAsync(new PolicyRules { ApprovalModules = [extension.Modules[0].Id] });
        var needed = Assert.IsType<TokenOutcome.NeedsApproval>(await portal.Tokens.CreateAsync(portal.Operator, TestTokens.Wanted() with { ExtensionId = extension.Id }));
        Assert.Equal([extension.Modules[0].Id], needed.Need.Modules);
    }

    private static NewToken Base(TestPortal portal, string name, params string[] modules) => TestTokens.Wanted(name, modules) with { ExpiresAt = portal.Now.AddDays(20) };

    private static async Task<string> FindAsync(TestPortal portal, string name) => Assert.Single(await portal.ListAsync(new TokenQuery { Search = name })).Handle;

    /// <summary>A token that someone's token created, so that the person is found behind both.</summary>
    private static async Task<Actor> TokenOfAsync(TestPortal portal, Actor person)
    {
        var first = ActorOf((await portal.CreateAsync(person, TestTokens.Wanted($"First of {person.Role}") with { Modules = ModuleChoice.All, ExpiresAt = null })).Handle);
        var second = ActorOf((await portal.CreateAsync(first, TestTokens.Wanted($"Second of {person.Role}") with { Modules = ModuleChoice.All, ExpiresAt = null })).Handle);
        return second;

        static Actor ActorOf(string handle) => new(ActorKind.Token, handle, handle, TestPortal.Account, Role.Administrator);
    }
}
