using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Accounts;
using Portal.Accounts.Passkeys;
using Portal.Accounts.Profile;
using Portal.Accounts.SecondFactor;
using Portal.Accounts.Sessions;
using Portal.Accounts.Users;
using Portal.Tests.Accounts.Passkeys;
using Portal.Tests.Support;
using Portal.Tokens.Reading;

namespace Portal.Tests.Accounts.SecondFactor;

/// <summary>The policy gives people some days to set up a second factor. After that, they can only use their profile.</summary>
public sealed class SecondFactorPolicyTests
{
    private const string Email = "ada@example.com", Password = "a long sentence to remember";

    [Fact]
    public async Task SignIn_UnderThePolicy_AllowsEverythingUntilTheGraceEnds()
    {
        await using var run = await StartAsync("Always");
        var (portal, ada) = (run.Portal, await SignInAsync(run));
        var dueAt = portal.Now.AddDays(7);
        Assert.Equal(new SecondFactorDuty(dueAt, IsOverdue: false), await Policy(portal).ReadAsync(ada));
        Assert.Equal(dueAt, Assert.Single((await portal.Services.GetRequiredService<UserReader>().ListAsync(ada)).Users).SecondFactorDueAt);
        portal.Clock.Advance(TimeSpan.FromDays(3));
        ada = await SignInAsync(run);
        await portal.Reader.ListAsync(ada, new TokenQuery());

        portal.Clock.Advance(TimeSpan.FromDays(4));
        Assert.Equal(new SecondFactorDuty(dueAt, IsOverdue: true), await Policy(portal).ReadAsync(ada));
        await Assert.ThrowsAsync<SecondFactorNeededException>(() => portal.Reader.ListAsync(ada, new TokenQuery()));
        await Assert.ThrowsAsync<SecondFactorNeededException>(() => portal.Tokens.CreateAsync(ada, TestTokens.Wanted("A token")));
        await Assert.ThrowsAsync<SecondFactorNeededException>(() => portal.Services.GetRequiredService<UserReader>().ListAsync(ada));

        await portal.Services.GetRequiredService<ProfileService>().ReadAsync(ada);
        await portal.Services.GetRequiredService<SessionService>().ListAsync(ada);
        Assert.Equal(ProofOutcome.Proved, (await portal.Services.GetRequiredService<ProofService>().ProveAsync(ada, Password)).Outcome);
        await AddPasskeyAsync(portal, ada);
        await portal.Reader.ListAsync(ada, new TokenQuery());
        Assert.Null(await Policy(portal).ReadAsync(ada));
    }

    [Fact]
    public async Task Remove_LastSecondFactor_IsRefusedWhileThePolicyRequiresIt()
    {
        await using var run = await StartAsync("Always");
        var (portal, ada) = (run.Portal, await SignInAsync(run));
        await AddPasskeyAsync(portal, ada);
        var (passkeys, factors) = (portal.Services.GetRequiredService<PasskeyService>(), portal.Services.GetRequiredService<SecondFactorService>());
        var id = (await passkeys.ListAsync(ada))[0].Id;
        Assert.Contains("requires a second factor", await passkeys.RemoveAsync(ada, id), StringComparison.Ordinal);

        var key = await factors.BeginAsync(ada);
        Assert.NotNull(await factors.ConfirmAsync(ada, new OtpNet.Totp(OtpNet.Base32Encoding.ToBytes(key!.Key)).ComputeTotp(portal.Now)));
        Assert.Null(await passkeys.RemoveAsync(ada, id));
        Assert.Contains("requires a second factor", await factors.RemoveAsync(ada), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignIn_WithoutAPolicy_NeedsNone()
    {
        await using var run = await StartAsync("Never", graceDays: 0);
        Assert.Null(await Policy(run.Portal).ReadAsync(await SignInAsync(run)));
    }

    [Fact]
    public async Task SignIn_UnderThePolicyForAdministrators_DependsOnTheRole()
    {
        await using var run = await StartAsync("Administrators", graceDays: 0);
        Assert.True((await Policy(run.Portal).ReadAsync(await SignInAsync(run)))!.IsOverdue);
        await run.Portal.ExecuteAsync("UPDATE AspNetUserRoles SET RoleId = 'Operator'");
        var operatorActor = (await SignInAsync(run)) with { Role = Role.Operator };
        Assert.Null(await Policy(run.Portal).ReadAsync(operatorActor));
        await run.Portal.Reader.ListAsync(operatorActor, new TokenQuery());
    }

    [Fact]
    public async Task Session_OfAnIdentityProvider_IsExempt()
    {
        await using var run = await StartAsync("Always", graceDays: 0);
        var ada = await SignInAsync(run);
        await Assert.ThrowsAsync<SecondFactorNeededException>(() => run.Portal.Reader.ListAsync(ada, new TokenQuery()));
        await run.Portal.ExecuteAsync("UPDATE UserSessions SET Provider = 'entra'");
        run.Portal.Clock.Advance(UserStates.MaximumAge);
        await run.Portal.Reader.ListAsync(ada, new TokenQuery());
    }

    /// <summary>The time begins anew: otherwise, a person who lost their phone couldn't work.</summary>
    [Fact]
    public async Task RemoveSecondFactor_ByTheCommandLine_RemovesPasskeysAndGivesTimeAgain()
    {
        await using var run = await StartAsync("Always");
        var (portal, ada) = (run.Portal, await SignInAsync(run));
        await AddPasskeyAsync(portal, ada);
        portal.Clock.Advance(TimeSpan.FromDays(30));

        var commandLine = new Actor(ActorKind.System, "command-line", "Command line", ada.AccountId, Role.Administrator);
        Assert.IsType<UserOutcome.Done>(await portal.Services.GetRequiredService<UserService>().RemoveSecondFactorAsync(commandLine, ada.Id));

        Assert.Equal("""{"passkeys":1}""", (await portal.AuditAsync())[^1].Details);
        await using var context = await portal.OpenAsync();
        Assert.Equal((0, 0), (await context.UserPasskeys.CountAsync(TestContext.Current.CancellationToken), await context.RecoveryCodes.CountAsync(TestContext.Current.CancellationToken)));
        var duty = await Policy(portal).ReadAsync(await SignInAsync(run));
        Assert.Equal(portal.Now.AddDays(7), duty!.DueAt);
    }

    private static SecondFactorPolicy Policy(TestPortal portal) => portal.Services.GetRequiredService<SecondFactorPolicy>();

    private static async Task AddPasskeyAsync(TestPortal portal, Actor actor)
    {
        var (passkeys, device) = (portal.Services.GetRequiredService<PasskeyService>(), new TestAuthenticator());
        Assert.Null((await passkeys.AddAsync(actor, "Laptop", device.Create(await passkeys.BeginAsync(actor, TestAuthenticator.Site)))).Fault);
    }

    private static async Task<AccountRun> StartAsync(string required, int graceDays = 7)
    {
        var run = await AccountRun.StartAsync(settings: new()
        {
            ["SecondFactor:Required"] = required, ["SecondFactor:GraceDays"] = graceDays.ToString(System.Globalization.CultureInfo.InvariantCulture),
        });
        Assert.Empty(await run.UseAsync(accounts => accounts.SetUpAsync(run.Code, new NewUser("Ada", Email, Password))));
        return run;
    }

    private static async Task<Actor> SignInAsync(AccountRun run)
    {
        Assert.Equal(SignInOutcome.SignedIn, (await run.SignInAsync(Email, Password)).Outcome);
        await using var context = await run.Portal.OpenAsync();
        var user = await context.Users.SingleAsync(TestContext.Current.CancellationToken);
        var session = await context.UserSessions.OrderByDescending(session => session.CreatedAt).FirstAsync(TestContext.Current.CancellationToken);
        return new Actor(ActorKind.User, user.Id, user.DisplayName, user.AccountId, Role.Administrator) { SecurityStamp = user.SecurityStamp, SessionId = session.Id };
    }
}
