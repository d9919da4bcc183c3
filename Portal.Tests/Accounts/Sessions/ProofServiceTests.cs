using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OtpNet;
using Portal.Access;
using Portal.Accounts.Passkeys;
using Portal.Accounts.SecondFactor;
using Portal.Accounts.Sessions;
using Portal.Accounts.SingleSignOn;
using Portal.Accounts.Users;
using Portal.Audit;
using Portal.Data;
using Portal.IpRules;
using Portal.Policies;
using Portal.Notices;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Approvals;
using Portal.Tokens.Reading;
using Portal.Webhooks;

namespace Portal.Tests.Accounts.Sessions;

/// <summary>Actions that do much harm in the wrong hands need a proof that is at most ten minutes old.</summary>
public sealed class ProofServiceTests
{
    private const string Password = "a long sentence to remember";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    /// <summary>Every action of the pages that needs a proof.</summary>
    private static readonly Dictionary<string, Func<TestPortal, Actor, string, Task>> Sensitive = new()
    {
        ["view a key"] = (portal, actor, handle) => portal.Tokens.RevealAsync(actor, handle, KeySlot.Newest, AuditAction.KeyViewed),
        ["rotate"] = (portal, actor, handle) => portal.Tokens.RotateAsync(actor, handle, null),
        ["renew"] = (portal, actor, handle) => portal.Tokens.RenewAsync(actor, handle, portal.Now.AddDays(100)),
        ["create"] = (portal, actor, _) => portal.Tokens.CreateAsync(actor, TestTokens.Wanted("Another")),
        ["approve a request"] = (portal, actor, _) => portal.Services.GetRequiredService<ApprovalService>().ApproveAsync(actor, 1),
        ["delete"] = (portal, actor, handle) => portal.Tokens.DeleteAsync(actor, handle),
        ["add an IP rule"] = (portal, actor, _) => portal.Services.GetRequiredService<IpRuleService>().AddAsync(actor, new NewIpRule(null, "192.0.2.1")),
        ["remove an IP rule"] = (portal, actor, _) => portal.Services.GetRequiredService<IpRuleService>().RemoveAsync(actor, 1),
        ["save a policy"] = (portal, actor, _) => portal.Services.GetRequiredService<PolicyService>().SaveAsync(actor, "", PolicyRules.None, Guid.Empty),
        ["invite"] = (portal, actor, _) => portal.Services.GetRequiredService<InvitationService>().InviteAsync(actor, "ben@example.com", Role.Viewer),
        ["withdraw"] = (portal, actor, _) => portal.Services.GetRequiredService<InvitationService>().WithdrawAsync(actor, 1),
        ["change a role"] = (portal, actor, _) => portal.Services.GetRequiredService<UserService>().ChangeRoleAsync(actor, portal.Viewer.Id, Role.Operator),
        ["disable a user"] = (portal, actor, _) => portal.Services.GetRequiredService<UserService>().DisableAsync(actor, portal.Viewer.Id),
        ["enable a user"] = (portal, actor, _) => portal.Services.GetRequiredService<UserService>().EnableAsync(actor, portal.Viewer.Id),
        ["hand over tokens"] = (portal, actor, _) => portal.Services.GetRequiredService<UserService>().HandOverTokensAsync(actor, portal.Viewer.Id, OwnerChoice.None),
        ["remove a user"] = (portal, actor, _) => portal.Services.GetRequiredService<UserService>().RemoveAsync(actor, portal.Viewer.Id),
        ["remove a second factor"] = (portal, actor, _) => portal.Services.GetRequiredService<UserService>().RemoveSecondFactorAsync(actor, portal.Viewer.Id),
        ["propose the name of a passkey"] = (portal, actor, _) => portal.Services.GetRequiredService<PasskeyService>().ProposeNameAsync(actor),
        ["add a passkey"] = (portal, actor, _) => portal.Services.GetRequiredService<PasskeyService>().BeginAsync(actor, new PasskeySite(new Uri("https://portal.example.com"))),
        ["remove a passkey"] = (portal, actor, _) => portal.Services.GetRequiredService<PasskeyService>().RemoveAsync(actor, "AAAA"),
        ["set up the own second factor"] = (portal, actor, _) => portal.Services.GetRequiredService<SecondFactorService>().BeginAsync(actor),
        ["renew the own recovery codes"] = (portal, actor, _) => portal.Services.GetRequiredService<SecondFactorService>().RenewCodesAsync(actor),
        ["remove the own second factor"] = (portal, actor, _) => portal.Services.GetRequiredService<SecondFactorService>().RemoveAsync(actor),
        ["connect a provider"] = (portal, actor, _) => portal.Services.GetRequiredService<ProviderConnections>().BeginAsync(actor, "none"),
        ["create the address of a calendar"] = (portal, actor, _) => portal.Services.GetRequiredService<CalendarService>().RenewAsync(actor),
        ["disconnect a provider"] = (portal, actor, _) => portal.Services.GetRequiredService<ProviderConnections>().DisconnectAsync(actor, "none"),
        ["add a webhook"] = (portal, actor, _) => Webhooks(portal).AddAsync(actor, new WebhookInput("https://example.com", null, [], [])),
        ["edit a webhook"] = (portal, actor, _) => Webhooks(portal).EditAsync(actor, 1, default, new WebhookInput("https://example.com", null, [], [])),
        ["rotate the secret of a webhook"] = (portal, actor, _) => Webhooks(portal).RotateAsync(actor, 1, default, TimeSpan.Zero),
        ["enable a webhook"] = (portal, actor, _) => Webhooks(portal).EnableAsync(actor, 1),
        ["disable a webhook"] = (portal, actor, _) => Webhooks(portal).DisableAsync(actor, 1),
        ["delete a webhook"] = (portal, actor, _) => Webhooks(portal).DeleteAsync(actor, 1),
        ["reset a password"] = (portal, actor, _) => portal.Services.GetRequiredService<UserService>().ResetPasswordAsync(actor, portal.Viewer.Id),
    };

    public static TheoryData<string> SensitiveNames => [.. Sensitive.Keys];

    private static WebhookService Webhooks(TestPortal portal) => portal.Services.GetRequiredService<WebhookService>();

    [Theory]
    [MemberData(nameof(SensitiveNames))]
    public async Task Act_ProofIsTooOld_IsRefusedUntilTheNextProof(string action)
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync()).Handle;
        var actor = await SignInAsync(portal);
        portal.Clock.Advance(Limit);

        await Assert.ThrowsAsync<ProofNeededException>(() => Sensitive[action](portal, actor, handle));
        // Reading needs none.
        await portal.Reader.ListAsync(actor, new TokenQuery());

        Assert.Equal(ProofOutcome.Proved, (await Proofs(portal).ProveAsync(actor, Password)).Outcome);
        portal.Clock.Advance(Limit - TimeSpan.FromSeconds(1));
        await Sensitive[action](portal, actor, handle);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("another password")]
    public async Task Prove_WrongPassword_AllowsNothing(string? password)
    {
        await using var portal = await TestPortal.CreateAsync();
        var actor = await SignInAsync(portal);
        portal.Clock.Advance(Limit);
        Assert.Equal(ProofOutcome.Wrong, (await Proofs(portal).ProveAsync(actor, password)).Outcome);
        await Assert.ThrowsAsync<ProofNeededException>(() => Sensitive["invite"](portal, actor, ""));
    }

    [Fact]
    public async Task Prove_ManyWrongPasswords_AreLimitedForThisUserOnly()
    {
        await using var portal = await TestPortal.CreateAsync();
        var actor = await SignInAsync(portal);
        for (var i = 0; i < 5; i++)
            await Proofs(portal).ProveAsync(actor, "wrong");

        var refused = await Proofs(portal).ProveAsync(actor, Password);
        Assert.Equal(ProofOutcome.TooManyAttempts, refused.Outcome);
        Assert.True(refused.RetryAfter > TimeSpan.Zero);
        Assert.Equal(ProofOutcome.Wrong, (await Proofs(portal).ProveAsync(portal.Viewer, "wrong")).Outcome);
    }

    [Fact]
    public async Task Prove_WithASecondFactor_NeedsItsCodeToo()
    {
        await using var portal = await TestPortal.CreateAsync();
        var actor = await SignInAsync(portal);
        var factors = portal.Services.GetRequiredService<SecondFactorService>();
        var key = await factors.BeginAsync(actor);
        var codes = await factors.ConfirmAsync(actor, new Totp(Base32Encoding.ToBytes(key!.Key)).ComputeTotp(portal.Now));
        portal.Clock.Advance(Limit);

        Assert.True(await Proofs(portal).NeedsCodeAsync(actor));
        Assert.Equal(ProofOutcome.WrongCode, (await Proofs(portal).ProveAsync(actor, Password)).Outcome);
        await Assert.ThrowsAsync<ProofNeededException>(() => factors.RemoveAsync(actor));
        Assert.Equal(ProofOutcome.Proved, (await Proofs(portal).ProveAsync(actor, Password, codes![0])).Outcome);
        await factors.RemoveAsync(actor);
    }

    [Fact]
    public async Task Prove_InOneSession_DoesNotCountForAnother()
    {
        await using var portal = await TestPortal.CreateAsync();
        var (here, elsewhere) = (await SignInAsync(portal), await SignInAsync(portal, "elsewhere"));
        portal.Clock.Advance(Limit);
        await Proofs(portal).ProveAsync(here, Password);
        await Assert.ThrowsAsync<ProofNeededException>(() => Sensitive["invite"](portal, elsewhere, ""));
    }

    [Fact]
    public async Task Act_ProofIsSwitchedOff_NeedsNone()
    {
        await using var portal = await TestPortal.CreateAsync(settings: new() { ["Sessions:ProofMinutes"] = "0" });
        var actor = await SignInAsync(portal);
        portal.Clock.Advance(TimeSpan.FromHours(2));
        await Sensitive["invite"](portal, actor, "");
    }

    private static ProofService Proofs(TestPortal portal) => portal.Services.GetRequiredService<ProofService>();

    private static async Task<Actor> SignInAsync(TestPortal portal, string session = "here")
    {
        await using var context = await portal.OpenAsync();
        var user = await context.Users.SingleAsync(user => user.Id == portal.Administrator.Id, TestContext.Current.CancellationToken);
        user.PasswordHash = portal.Services.GetRequiredService<IPasswordHasher<PortalUser>>().HashPassword(user, Password);
        context.UserSessions.Add(new UserSession { Id = session, UserId = user.Id, CreatedAt = portal.Now, LastSeenAt = portal.Now, ProvedAt = portal.Now });
        await context.SaveChangesAsync(TestContext.Current.CancellationToken);
        return portal.Administrator with { SessionId = session };
    }
}
