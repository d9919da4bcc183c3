using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Accounts.Users;
using Portal.Data;
using Portal.Policies;
using Portal.Tests.Policies;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Approvals;
using Portal.Tokens.Reading;

namespace Portal.Tests.Tokens.Approvals;

/// <summary>Decisions about requests: each is made once, by someone who may, about what is true at that time.</summary>
public sealed class ApprovalServiceTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("withdrawn", ApprovalState.Withdrawn)]
    [InlineData("declined", ApprovalState.Declined)]
    [InlineData("over", ApprovalState.Expired)]
    public async Task Approve_RequestThatNoLongerWaits_ChangesNothingAndSaysSo(string how, ApprovalState state)
    {
        await using var portal = await TestPortal.CreateAsync();
        var id = await portal.RequestAsync();
        if (how == "withdrawn")
            Assert.IsType<ApprovalOutcome.Done>(await portal.Approvals().WithdrawAsync(portal.Operator, id, Cancellation));
        else if (how == "declined")
            Assert.IsType<ApprovalOutcome.Done>(await portal.Approvals().DeclineAsync(portal.Administrator, id, "Too much", Cancellation));
        else
            portal.Clock.Advance(TimeSpan.FromDays(7));

        Assert.Equal(state, Assert.IsType<ApprovalOutcome.Settled>(await portal.Approvals().ApproveAsync(portal.Administrator, id, cancellation: Cancellation)).Request.State);
        Assert.Equal(state, Assert.IsType<ApprovalOutcome.Settled>(await portal.Approvals().DeclineAsync(portal.Administrator, id, cancellation: Cancellation)).Request.State);
        Assert.Equal(state, Assert.IsType<ApprovalOutcome.Settled>(await portal.Approvals().WithdrawAsync(portal.Operator, id, Cancellation)).Request.State);
        Assert.Empty(await portal.ListAsync(new TokenQuery()));
        Assert.Equal(0, await portal.Approvals().CountWaitingAsync(portal.Administrator, Cancellation));
        Assert.Equal(state, Assert.Single((await portal.Approvals().ListDecidedAsync(portal.Operator, cancellation: Cancellation)).Requests).State);
    }

    [Fact]
    public async Task Approve_TwoAdministratorsAtOnce_OneWins()
    {
        await using var portal = await TestPortal.CreateAsync();
        var id = await portal.RequestAsync();
        var second = await portal.AddUserAsync("second", Role.Administrator);

        var outcomes = await Task.WhenAll(new[] { portal.Administrator, second }.Select(actor => Task.Run(() => portal.Approvals().ApproveAsync(actor, id, cancellation: Cancellation), Cancellation)));

        Assert.Equal(1, outcomes.Count(outcome => outcome is ApprovalOutcome.Done));
        Assert.Equal(1, outcomes.Count(outcome => outcome is ApprovalOutcome.Settled));
        Assert.Single(await portal.ListAsync(new TokenQuery()));
        Assert.Single(await portal.AuditAsync(), entry => entry.Action == "approval.approved");
    }

    [Fact]
    public async Task Decide_OwnRequest_IsRefusedEvenForAnAdministrator()
    {
        await using var portal = await TestPortal.CreateAsync();
        var id = await portal.RequestAsync();
        await portal.ExecuteAsync($"UPDATE ApprovalRequests SET RequestedById = '{portal.Administrator.Id}'");
        const string Own = "You can't decide about your own request. Withdraw it, or ask another administrator.";

        Assert.Equal(Own, Assert.IsType<ApprovalOutcome.Refused>(await portal.Approvals().ApproveAsync(portal.Administrator, id, cancellation: Cancellation)).Message);
        Assert.Equal(Own, Assert.IsType<ApprovalOutcome.Refused>(await portal.Approvals().DeclineAsync(portal.Administrator, id, cancellation: Cancellation)).Message);
        Assert.Equal(0, await portal.Approvals().CountWaitingAsync(portal.Administrator, Cancellation));
        // Neither an Operator's nor an administrator's, and not that of another account.
        Assert.IsType<ApprovalOutcome.NotFound>(await portal.Approvals().WithdrawAsync(portal.Operator, id, Cancellation));
        Assert.IsType<ApprovalOutcome.NotFound>(await portal.Approvals().ApproveAsync(portal.OtherAccountActor, id, cancellation: Cancellation));
        Assert.Null(await portal.Approvals().FindAsync(portal.Operator, id, Cancellation));
        Assert.Empty((await portal.Approvals().ListWaitingAsync(portal.Operator, cancellation: Cancellation)).Requests);
        Assert.IsType<ApprovalOutcome.Done>(await portal.Approvals().WithdrawAsync(portal.Administrator, id, Cancellation));
    }

    [Theory]
    [InlineData("demoted", "An Operator was disabled or removed, or is no longer an Operator.")]
    [InlineData("disabled", "An Operator was disabled or removed, or is no longer an Operator.")]
    [InlineData("removed", "An Operator was disabled or removed, or is no longer an Operator.")]
    [InlineData("name taken", "The name \"Invoices\" is already used by another token.")]
    [InlineData("policy", "The policy allows keys to be valid for at most 30 days.")]
    [InlineData("full", "The policy allows at most 1 token with this extension.")]
    [InlineData("expired", "The expiration must be in the future.")]
    public async Task Approve_WhatNoLongerFits_IsRefusedWithTheReasonAndStaysOpen(string what, string reason)
    {
        await using var portal = await TestPortal.CreateAsync(settings: new() { ["Tokens:ApprovalDays"] = "90" });
        var id = await portal.RequestAsync();
        var users = portal.Services.GetRequiredService<UserService>();
        switch (what)
        {
            case "demoted":
                await users.ChangeRoleAsync(portal.Administrator, portal.Operator.Id, Role.Viewer, Cancellation);
                break;
            case "disabled":
                await users.DisableAsync(portal.Administrator, portal.Operator.Id, Cancellation);
                break;
            case "removed":
                await users.RemoveAsync(portal.Administrator, portal.Operator.Id, cancellation: Cancellation);
                // Otherwise the owner is what no longer fits.
                await portal.ExecuteAsync("UPDATE ApprovalRequests SET Content = REPLACE(Content, 'user:user-Operator', '')");
                break;
            case "name taken":
                await portal.CreateAsync(portal.Administrator, TestTokens.Wanted("invoices"));
                break;
            case "policy":
                await portal.SetPolicyAsync(new PolicyRules { MaximumLifetimeDays = 30 });
                break;
            case "full":
                await portal.CreateAsync(name: "Another");
                await portal.SetPolicyAsync(new PolicyRules { MostTokensPerExtension = 1 });
                break;
            default:
                await portal.ExecuteAsync("UPDATE ApprovalRequests SET EndsAt = '2031-01-01 00:00:00'");
                portal.Clock.Advance(TimeSpan.FromDays(91));
                break;
        }

        var refused = Assert.IsType<ApprovalOutcome.Refused>(await portal.Approvals().ApproveAsync(portal.Administrator, id, cancellation: Cancellation)).Message;

        Assert.StartsWith(reason[..20], refused, StringComparison.Ordinal);
        Assert.EndsWith("Nothing was changed. Decline the request, and say in the comment what to request instead.", refused, StringComparison.Ordinal);
        Assert.True((await portal.Approvals().FindAsync(portal.Administrator, id, Cancellation))!.IsWaiting);
        Assert.DoesNotContain(await portal.ListAsync(new TokenQuery()), row => row.Name == "Invoices");
        Assert.IsType<ApprovalOutcome.Done>(await portal.Approvals().DeclineAsync(portal.Administrator, id, cancellation: Cancellation));
    }

    /// <summary>A change that has nothing to do with the request doesn't get in its way, and isn't reverted by it.</summary>
    [Fact]
    public async Task Approve_TokenWithOtherChanges_MakesOnlyTheRequestedOnes()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync(20)).Handle;
        await portal.SetPolicyAsync(ApprovalCases.Rules["module"] with { ApprovalLifetimeDays = 30 });
        var token = await portal.DetailsAsync(handle);
        var (edit, renewal) = (await EditAsync(portal.Operator, token.Name, "Asked for", [TestTokens.Agreements, TestTokens.Billing]), await RenewAsync(portal, handle));
        await EditAsync(portal.Administrator, "Renamed", null, [TestTokens.Agreements, "MD-0007"]);
        await portal.Tokens.DisableAsync(portal.Operator, handle, cancellation: Cancellation);

        foreach (var id in new[] { edit, renewal })
            Assert.IsType<ApprovalOutcome.Done>(await portal.Approvals().ApproveAsync(portal.Administrator, id, cancellation: Cancellation));

        token = await portal.DetailsAsync(handle);
        Assert.Equal(("Renamed", "Asked for", StoredStatus.Inactive, 2), (token.Name, token.Description, token.StoredStatus, token.LiveSecrets.Count));
        Assert.Equal([TestTokens.Agreements, "MD-0007", TestTokens.Billing], token.Choice.ModuleIds.OrderBy(id => id == TestTokens.Billing));

        async Task<long> EditAsync(Actor actor, string name, string? description, string[] modules) => await portal.Tokens.EditAsync(
            actor, handle, new TokenEdit(name, null, description, new ModuleChoice(false, modules)) { Ask = new ApprovalAsk(null) }, token.Version, Cancellation) is TokenOutcome.Requested requested
            ? requested.RequestId : 0;
    }

    [Fact]
    public async Task Approve_TokenThatIsNotAsSeen_ChangesNothing()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync(20)).Handle;
        await portal.SetPolicyAsync(ApprovalCases.Rules["module"] with { ApprovalLifetimeDays = 30 });
        var seen = (await portal.DetailsAsync(handle)).Version;
        long[] requests = [await RenewAsync(portal, handle), await RequestBillingAsync()];
        await portal.Tokens.DisableAsync(portal.Operator, handle, cancellation: Cancellation);
        var version = (await portal.DetailsAsync(handle)).Version;

        foreach (var id in requests)
            Assert.True(Assert.IsType<ApprovalOutcome.Changed>(await portal.Approvals().ApproveAsync(portal.Administrator, id, seen: seen, cancellation: Cancellation)).Request.IsWaiting);
        Assert.Equal(version, (await portal.DetailsAsync(handle)).Version);
        foreach (var id in requests)
            Assert.IsType<ApprovalOutcome.Done>(await portal.Approvals().ApproveAsync(
                portal.Administrator, id, seen: (await portal.DetailsAsync(handle)).Version, cancellation: Cancellation));

        async Task<long> RequestBillingAsync() => Assert.IsType<TokenOutcome.Requested>(await portal.Tokens.EditAsync(
            portal.Operator, handle, new TokenEdit("Renamed", null, null, new ModuleChoice(false, [TestTokens.Billing])) { Ask = new ApprovalAsk(null) }, seen, Cancellation)).RequestId;
    }

    [Fact]
    public async Task Approve_ChangeThatSomeoneHasMade_ChangesNothingAndNoLongerWaits()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync()).Handle;
        await portal.SetPolicyAsync(ApprovalCases.Rules["module"]);
        var token = await portal.DetailsAsync(handle);
        var edit = new TokenEdit(token.Name, null, null, new ModuleChoice(false, [TestTokens.Agreements, TestTokens.Billing]));
        var id = Assert.IsType<TokenOutcome.Requested>(await portal.Tokens.EditAsync(portal.Operator, handle, edit with { Ask = new ApprovalAsk(null) }, token.Version, Cancellation)).RequestId;
        Assert.IsType<TokenOutcome.Done>(await portal.Tokens.EditAsync(portal.Administrator, handle, edit, token.Version, Cancellation));
        var version = (await portal.DetailsAsync(handle)).Version;

        var done = Assert.IsType<ApprovalOutcome.Done>(await portal.Approvals().ApproveAsync(portal.Administrator, id, cancellation: Cancellation));

        Assert.Equal(ApprovalState.Approved, done.Request.State);
        Assert.Equal(version, (await portal.DetailsAsync(handle)).Version);
        Assert.Equal(["token.created", "approval.requested", "token.updated", "approval.approved"], (await portal.AuditAsync()).Where(entry => entry.TargetId == handle).Select(entry => entry.Action));
    }

    [Fact]
    public async Task Approve_TokenWithANewerKeyOrDeleted_IsRefused()
    {
        await using var portal = await TestPortal.CreateAsync();
        var (rotated, deleted) = ((await portal.CreateAsync(20, "Rotated")).Handle, (await portal.CreateAsync(20, "Deleted")).Handle);
        await portal.SetPolicyAsync(new PolicyRules { ApprovalLifetimeDays = 30 });
        var (one, other) = (await RenewAsync(portal, rotated), await RenewAsync(portal, deleted));
        await portal.Tokens.RotateAsync(portal.Operator, rotated, portal.Now.AddDays(20), cancellation: Cancellation);
        await portal.Tokens.DeleteAsync(portal.Administrator, deleted, cancellation: Cancellation);

        Assert.StartsWith("The token got a new key after the request. Nothing was changed.", await RefusalAsync(one), StringComparison.Ordinal);
        Assert.Contains("deleted", await RefusalAsync(other), StringComparison.Ordinal);
        Assert.Equal("Rotated", Assert.Single(await portal.Approvals().ListOfTokenAsync(portal.Operator, rotated, Cancellation)).TokenName);

        async Task<string> RefusalAsync(long id) =>
            Assert.IsType<ApprovalOutcome.Refused>(await portal.Approvals().ApproveAsync(portal.Administrator, id, cancellation: Cancellation)).Message;
    }

    private static async Task<long> RenewAsync(TestPortal portal, string handle) => Assert.IsType<TokenOutcome.Requested>(
        await portal.Tokens.RenewAsync(portal.Operator, handle, portal.Now.AddDays(60), ask: new ApprovalAsk(null), cancellation: Cancellation)).RequestId;

    [Fact]
    public async Task Request_TooManyOrBadInput_IsRefused()
    {
        await using var portal = await TestPortal.CreateAsync(settings: new() { ["Tokens:Reveal"] = "Once" });
        var id = await portal.RequestAsync("Request 1");
        Assert.StartsWith("The Note has 256 characters.", FaultOf(await AskAsync("Long", new string('x', 256))), StringComparison.Ordinal);
        Assert.Contains("contains an API key or another secret", FaultOf(await AskAsync("Secret", "use f45b81c0f45b81c0f45b81c0f45b81c0f45b81c0")), StringComparison.Ordinal);
        var handle = (await portal.CreateAsync(20, "Existing")).Handle;
        await portal.SetPolicyAsync(ApprovalCases.Rules["module"] with { ApprovalLifetimeDays = 30 });
        Assert.StartsWith(
            "Portal shows new keys only once", Assert.IsType<TokenOutcome.Refused>(
                await portal.Tokens.RotateAsync(portal.Operator, handle, null, ask: new ApprovalAsk(null), cancellation: Cancellation)).Message, StringComparison.Ordinal);
        for (var i = 2; i <= ApprovalStore.MostWaiting; i++)
            Assert.IsType<TokenOutcome.Requested>(await AskAsync($"Request {i}", null));
        Assert.StartsWith("You have 50 requests", Assert.IsType<TokenOutcome.Refused>(await AskAsync("Request 51", null)).Message, StringComparison.Ordinal);
        Assert.Equal(new TokenOutcome.Requested(id) { IsEarlier = true }, await AskAsync(" request 1 ", null));
        await portal.Approvals().WithdrawAsync(portal.Operator, id, Cancellation);
        Assert.IsType<TokenOutcome.Requested>(await AskAsync("Request 51", null));
        Assert.Equal(50, await portal.Approvals().CountWaitingAsync(portal.Administrator, Cancellation));

        Task<TokenOutcome> AskAsync(string name, string? note) =>
            portal.Tokens.CreateAsync(portal.Operator, TestTokens.Wanted(name, TestTokens.Billing) with { Ask = new ApprovalAsk(note) }, cancellation: Cancellation);
        static string FaultOf(TokenOutcome outcome) => Assert.Single(Assert.IsType<TokenOutcome.Invalid>(outcome).Faults, fault => fault.Field == TokenField.ApprovalNote).Message;
    }

    [Fact]
    public async Task Sweep_RequestsWhoseTimeIsOver_EndOnceOnSeveralNodes()
    {
        await using var portal = await TestPortal.CreateAsync();
        var sweep = portal.Services.GetRequiredService<ApprovalSweep>();
        Assert.Null(await sweep.SweepAsync(Cancellation));
        await portal.RequestAsync();
        Assert.Equal(portal.Now.AddDays(7), await sweep.SweepAsync(Cancellation));
        portal.Clock.Advance(TimeSpan.FromDays(7));

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => sweep.SweepAsync(Cancellation), Cancellation)));

        Assert.Equal("system", Assert.Single(await portal.AuditAsync(), entry => entry.Action == "approval.expired").ActorKind);
        await using var context = await portal.OpenAsync();
        Assert.Equal((ApprovalState.Expired, portal.Now), await context.ApprovalRequests.Select(request => new ValueTuple<ApprovalState, DateTime>(request.State, request.DecidedAt!.Value)).SingleAsync(Cancellation));
    }
}
