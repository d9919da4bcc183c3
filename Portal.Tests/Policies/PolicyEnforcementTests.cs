using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Accounts.Users;
using Portal.Data;
using Portal.IpRules;
using Portal.Policies;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Policies;

/// <summary>Every change to a token obeys the policy, whoever makes it.</summary>
public sealed class PolicyEnforcementTests
{
    private const string AtMost30 = "The policy allows keys to be valid for at most 30 days. Select an earlier expiration.";

    [Fact]
    public async Task CreateRenewRotate_BeyondTheMaximum_AreRefusedWithTheSameSentence()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync(days: 20)).Handle;
        await portal.SetPolicyAsync(new PolicyRules { MaximumLifetimeDays = 30 });
        var late = portal.Now.AddDays(31);

        Assert.Equal(AtMost30, FaultOf(await portal.Tokens.CreateAsync(portal.Operator, TestTokens.Wanted("Another")), TokenField.Expiration));
        Assert.Equal(AtMost30, FaultOf(await portal.Tokens.RenewAsync(portal.Operator, handle, late), TokenField.Expiration));
        Assert.Equal(AtMost30, FaultOf(await portal.Tokens.RotateAsync(portal.Operator, handle, late), TokenField.Expiration));
        Assert.Equal(
            "The policy allows keys to be valid for at most 30 days. Select an expiration.", FaultOf(await portal.Tokens.RotateAsync(portal.Operator, handle, null), TokenField.Expiration));
        Assert.IsType<TokenOutcome.Done>(await portal.Tokens.RenewAsync(portal.Operator, handle, portal.Now.AddDays(30)));
        Assert.IsType<TokenOutcome.Done>(await portal.Tokens.RotateAsync(portal.Operator, handle, portal.Now.AddDays(30)));
    }

    [Fact]
    public async Task Create_ByAToken_ObeysAndGetsTheLatestAllowedEndByDefault()
    {
        await using var portal = await TestPortal.CreateAsync();
        var parent = (await portal.CreateAsync(days: null, name: "Parent")).Handle;
        await portal.SetPolicyAsync(new PolicyRules { MaximumLifetimeDays = 30 });
        var caller = new Actor(ActorKind.Token, parent, "Parent", TestPortal.Account, Role.Administrator);

        Assert.Equal(AtMost30, FaultOf(await portal.Tokens.CreateAsync(caller, TestTokens.Wanted("Late")), TokenField.Expiration));
        var made = await portal.CreateAsync(caller, TestTokens.Wanted("Default") with { ExpiresAt = null, EndsWithCreator = true });
        Assert.Equal(portal.Now.AddDays(30), (await portal.DetailsAsync(made.Handle)).ExpiresAt);
    }

    [Fact]
    public async Task Perpetual_WithReasonRequired_KeepsItUntilTheKeyExpires()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.SetPolicyAsync(new PolicyRules { PerpetualReasonRequired = true });
        var wanted = TestTokens.Wanted() with { ExpiresAt = null };

        Assert.Equal("The policy requires a reason for a key that never expires. Enter the reason.", FaultOf(await portal.Tokens.CreateAsync(portal.Operator, wanted), TokenField.PerpetualReason));
        var handle = (await portal.CreateAsync(wanted with { PerpetualReason = " Built into a device " })).Handle;

        var token = await portal.DetailsAsync(handle);
        Assert.Equal("Built into a device", token.PerpetualReason);
        Assert.IsType<TokenOutcome.Done>(await portal.Tokens.RotateAsync(portal.Operator, handle, null));
        token = await portal.DetailsAsync(handle);
        Assert.Equal("Built into a device", token.PerpetualReason);
        var edit = new TokenEdit(token.Name, null, null, token.Choice) { PerpetualReason = "" };
        FaultOf(await portal.Tokens.EditAsync(portal.Operator, handle, edit, token.Version), TokenField.PerpetualReason);
        Assert.IsType<TokenOutcome.Done>(await portal.Tokens.EditAsync(portal.Operator, handle, edit with { PerpetualReason = "In a sealed device" }, token.Version));
        Assert.IsType<TokenOutcome.Done>(await portal.Tokens.RotateAsync(portal.Operator, handle, portal.Now.AddDays(5)));
        Assert.Null((await portal.DetailsAsync(handle)).PerpetualReason);
        FaultOf(await portal.Tokens.RotateAsync(portal.Operator, handle, null), TokenField.PerpetualReason);
        Assert.IsType<TokenOutcome.Done>(await portal.Tokens.RotateAsync(portal.Operator, handle, null, perpetualReason: "Again"));
    }

    [Fact]
    public async Task Create_AtTheSameTime_NeverExceedsTheMostTokens()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.SetPolicyAsync(new PolicyRules { MostTokensPerExtension = 3 });
        await portal.SetPolicyAsync(new PolicyRules { MostTokensPerExtension = 100 }, "EXT-003");

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => Task.Run(() => portal.Tokens.CreateAsync(portal.Operator, TestTokens.Wanted($"Token {number}")))));

        Assert.Equal(3, outcomes.Count(outcome => outcome is TokenOutcome.Done));
        Assert.All(outcomes.Where(outcome => outcome is not TokenOutcome.Done), outcome => Assert.StartsWith(
            "The policy allows at most 3 tokens with this extension. ", FaultOf(outcome, TokenField.Extension), StringComparison.Ordinal));
        await using var context = await portal.OpenAsync();
        Assert.Equal(3, await context.Tokens.CountAsync(TestContext.Current.CancellationToken));
        await portal.CreateAsync(TestTokens.Wanted("Flowgear") with { ExtensionId = "EXT-003" });
    }

    [Fact]
    public async Task Owner_WithTheMostTokens_GetsNoMoreByAnyWay()
    {
        await using var portal = await TestPortal.CreateAsync();
        var (team, other) = (OwnerChoice.OfTeam("Payments"), OwnerChoice.OfUser(portal.Viewer.Id));
        await portal.CreateAsync(TestTokens.Wanted("One") with { Owner = team });
        var second = (await portal.CreateAsync(TestTokens.Wanted("Two") with { Owner = other })).Handle;
        await portal.SetPolicyAsync(new PolicyRules { MostTokensPerOwner = 1 });

        const string Full = "The policy allows at most 1 token for each owner. Select another owner, or delete tokens that are no longer needed.";
        Assert.Equal(Full, FaultOf(await portal.Tokens.CreateAsync(portal.Operator, TestTokens.Wanted("Three") with { Owner = team }), TokenField.Owner));
        Assert.Equal(Full, FaultOf(await portal.Tokens.ChangeOwnerAsync(portal.Operator, second, team), TokenField.Owner));
        var token = await portal.DetailsAsync(second);
        Assert.Equal(Full, FaultOf(await portal.Tokens.EditAsync(portal.Operator, second, new TokenEdit("Two", null, null, token.Choice) { Owner = team }, token.Version), TokenField.Owner));
        var users = portal.Services.GetRequiredService<UserService>();
        Assert.Equal(Full, Assert.IsType<UserOutcome.Refused>(await users.HandOverTokensAsync(portal.Administrator, portal.Viewer.Id, team)).Message);
        Assert.Equal(portal.Viewer.Name, (await portal.DetailsAsync(second)).Owner!.Name);
        Assert.IsType<TokenOutcome.Done>(await portal.Tokens.ChangeOwnerAsync(portal.Operator, second, OwnerChoice.OfTeam("Another")));
        Assert.Equal("Another", (await portal.DetailsAsync(second)).Owner!.Name);
        Assert.IsType<TokenOutcome.Done>(await portal.Tokens.EditAsync(portal.Operator, second, new TokenEdit("Renamed", null, null, token.Choice), (await portal.DetailsAsync(second)).Version));
    }

    [Fact]
    public async Task Addresses_Required_AreNeededToCreateEnableAndKeep()
    {
        await using var portal = await TestPortal.CreateAsync();
        var rules = portal.Services.GetRequiredService<IpRuleService>();
        var old = (await portal.CreateAsync(name: "Old")).Handle;
        await portal.Tokens.DisableAsync(portal.Operator, old);
        await portal.SetPolicyAsync(new PolicyRules { AddressesRequired = true });

        Assert.EndsWith("because only administrators can add IP rules.", FaultOf(await portal.Tokens.CreateAsync(portal.Operator, TestTokens.Wanted()), TokenField.Addresses), StringComparison.Ordinal);
        Assert.EndsWith("Add at least one address.", FaultOf(await portal.Tokens.CreateAsync(portal.Administrator, TestTokens.Wanted()), TokenField.Addresses), StringComparison.Ordinal);
        await portal.CreateAsync(portal.Administrator, TestTokens.Wanted() with { Addresses = ["192.0.2.1"] });
        Assert.Equal(
            "The policy requires IP rules for each token. Add an IP rule for the token first, and then enable it.",
            Assert.IsType<TokenOutcome.Refused>(await portal.Tokens.EnableAsync(portal.Operator, old)).Message);
        var rule = Assert.IsType<IpRuleOutcome.Done>(await rules.AddAsync(portal.Administrator, new NewIpRule(null, "192.0.2.2", old))).Id;
        Assert.IsType<TokenOutcome.Done>(await portal.Tokens.EnableAsync(portal.Operator, old));
        Assert.Equal(
            "The policy requires IP rules for each token. Add another rule for this token first, or disable the token.",
            Assert.Single(Assert.IsType<IpRuleOutcome.Invalid>(await rules.RemoveAsync(portal.Administrator, rule)).Faults).Message);
        await rules.AddAsync(portal.Administrator, new NewIpRule(null, "192.0.2.3", old));
        Assert.IsType<IpRuleOutcome.Done>(await rules.RemoveAsync(portal.Administrator, rule));
    }

    [Fact]
    public async Task Enable_KeyThatLastsTooLong_NeedsARotationFirst()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync()).Handle;
        await portal.Tokens.DisableAsync(portal.Operator, handle);
        await portal.SetPolicyAsync(new PolicyRules { MaximumLifetimeDays = 30 });

        Assert.Equal(
            "The policy allows keys to be valid for at most 30 days. Rotate the token with an allowed expiration first, and then enable it.",
            Assert.IsType<TokenOutcome.Refused>(await portal.Tokens.EnableAsync(portal.Operator, handle)).Message);
        Assert.IsType<TokenOutcome.Done>(await portal.Tokens.RotateAsync(portal.Operator, handle, portal.Now.AddDays(3)));
        Assert.IsType<TokenOutcome.Done>(await portal.Tokens.EnableAsync(portal.Operator, handle));
    }

    [Fact]
    public async Task Restore_BeyondThePolicy_IsRefused()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync()).Handle;
        await portal.Tokens.DeleteAsync(portal.Administrator, handle);
        var other = (await portal.CreateAsync(name: "Other")).Handle;
        await portal.SetPolicyAsync(new PolicyRules { MostTokensPerExtension = 1, MaximumLifetimeDays = 30 });

        Assert.StartsWith(
            "The policy allows at most 1 token with this extension.",
            Assert.IsType<TokenOutcome.Refused>(await portal.Tokens.RestoreAsync(portal.Administrator, handle, new TokenRestoration())).Message, StringComparison.Ordinal);
        await portal.Tokens.DeleteAsync(portal.Administrator, other);
        Assert.StartsWith(
            "The policy allows keys to be valid for at most 30 days.",
            Assert.IsType<TokenOutcome.Refused>(await portal.Tokens.RestoreAsync(portal.Administrator, handle, new TokenRestoration { Activate = true, Reason = "Needed" })).Message,
            StringComparison.Ordinal);
        Assert.IsType<TokenOutcome.Done>(await portal.Tokens.RestoreAsync(portal.Administrator, handle, new TokenRestoration()));
    }

    private static string FaultOf(TokenOutcome outcome, TokenField field)
    {
        var fault = Assert.Single(Assert.IsType<TokenOutcome.Invalid>(outcome).Faults);
        Assert.Equal(field, fault.Field);
        return fault.Message;
    }
}
