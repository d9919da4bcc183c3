using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OtpNet;
using Portal.Access;
using Portal.Accounts;
using Portal.Accounts.SecondFactor;
using Portal.Accounts.Users;
using Portal.Audit;
using Portal.Tests.Support;
using Portal.Tokens.Reading;

namespace Portal.Tests.Accounts.SecondFactor;

/// <summary>The authenticator app, from its setup to the sign-in with its codes.</summary>
public sealed class SecondFactorTests
{
    private const string Email = "ada@example.com", Password = "a long sentence to remember";
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Confirm_CodeOfTheApp_TurnsItOnAndReturnsRecoveryCodes()
    {
        await using var portal = await TestPortal.CreateAsync();
        var factors = portal.Services.GetRequiredService<SecondFactorService>();
        var key = await factors.BeginAsync(portal.Viewer);
        Assert.StartsWith("otpauth://totp/Portal:", key!.Uri, StringComparison.Ordinal);
        Assert.Null(await factors.ConfirmAsync(portal.Viewer, "000000"));
        Assert.Null((await factors.ReadAsync(portal.Viewer)).Since);

        var codes = await factors.ConfirmAsync(portal.Viewer, CodeOf(key, portal.Now));

        Assert.Equal(SecondFactorService.RecoveryCodeCount, codes!.Distinct().Count());
        Assert.Equal(new SecondFactorState(portal.Now, SecondFactorService.RecoveryCodeCount, false), await factors.ReadAsync(portal.Viewer));
        Assert.Null(await factors.BeginAsync(portal.Viewer));
        Assert.Equal(AuditAction.SecondFactorAdded, Assert.Single(await portal.AuditAsync()).Action);
        Assert.DoesNotContain(key.Key, key.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Remove_ByTheUser_AsksForNoCodeAnyMore()
    {
        await using var portal = await TestPortal.CreateAsync();
        await SetUpAsync(portal, portal.Viewer);
        var factors = portal.Services.GetRequiredService<SecondFactorService>();
        await factors.RemoveAsync(portal.Viewer);
        Assert.Equal(new SecondFactorState(null, 0, false), await factors.ReadAsync(portal.Viewer));
        await using var context = await portal.OpenAsync();
        Assert.Empty(await context.RecoveryCodes.ToListAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Remove_ByAnAdministrator_EndsTheSessionsToo()
    {
        await using var portal = await TestPortal.CreateAsync();
        await SetUpAsync(portal, portal.Viewer);
        var users = portal.Services.GetRequiredService<UserService>();
        Assert.True((await ListAsync(portal)).HasSecondFactor);

        Assert.IsType<UserOutcome.Done>(await users.RemoveSecondFactorAsync(portal.Administrator, portal.Viewer.Id));

        Assert.False((await ListAsync(portal)).HasSecondFactor);
        await Assert.ThrowsAsync<SessionEndedException>(() => portal.Reader.ListAsync(portal.Viewer, new TokenQuery()));
    }

    [Fact]
    public async Task RenewCodes_FormerCodes_NoLongerWork()
    {
        await using var portal = await TestPortal.CreateAsync();
        var (_, former) = await SetUpAsync(portal, portal.Viewer);
        var codes = await portal.Services.GetRequiredService<SecondFactorService>().RenewCodesAsync(portal.Viewer);
        var verifier = portal.Services.GetRequiredService<SecondFactorVerifier>();
        Assert.False(await verifier.VerifyAsync(portal.Viewer.Id, former[0], default));
        Assert.True(await verifier.VerifyAsync(portal.Viewer.Id, codes![0], default));
    }

    /// <summary>The clock of the phone may differ by one step. Each code works once, and no earlier one after it.</summary>
    [Theory]
    [InlineData(-2, false)]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public async Task Verify_ClockOfThePhoneDiffers_IsAcceptedWithinOneStep(int steps, bool accepted)
    {
        await using var portal = await TestPortal.CreateAsync();
        var (key, _) = await SetUpAsync(portal, portal.Viewer);
        portal.Clock.Advance(10 * Step);
        var verifier = portal.Services.GetRequiredService<SecondFactorVerifier>();
        var code = CodeOf(key, portal.Now + steps * Step);

        Assert.Equal(accepted, await verifier.VerifyAsync(portal.Viewer.Id, code, default));
        Assert.False(await verifier.VerifyAsync(portal.Viewer.Id, code, default));
        if (accepted)
            Assert.False(await verifier.VerifyAsync(portal.Viewer.Id, CodeOf(key, portal.Now + (steps - 1) * Step), default));
    }

    [Fact]
    public async Task Verify_SameCodeTwiceAtOnce_WorksOnce()
    {
        await using var portal = await TestPortal.CreateAsync();
        var (key, codes) = await SetUpAsync(portal, portal.Viewer);
        portal.Clock.Advance(Step);
        var verifier = portal.Services.GetRequiredService<SecondFactorVerifier>();
        foreach (var code in new[] { CodeOf(key, portal.Now), codes[0] })
            Assert.Single(await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => verifier.VerifyAsync(portal.Viewer.Id, code, default)))), works => works);
    }

    [Fact]
    public async Task SignIn_WithASecondFactor_NeedsTheCode()
    {
        await using var run = await StartAsync();
        var (key, codes) = await SetUpAsync(run.Portal, await ActorAsync(run));
        run.Portal.Clock.Advance(Step);
        var browser = new Browser(run);
        Assert.Equal(SignInOutcome.Expired, await browser.EnterCodeAsync(CodeOf(key, run.Portal.Now)));
        Assert.Equal(SignInOutcome.Refused, await browser.SignInAsync("wrong"));

        Assert.Equal(SignInOutcome.CodeNeeded, await browser.SignInAsync(Password));
        Assert.Empty(await SessionsAsync(run));
        Assert.Equal(SignInOutcome.Refused, await browser.EnterCodeAsync("123456"));
        Assert.Equal(SignInOutcome.SignedIn, await browser.EnterCodeAsync(CodeOf(key, run.Portal.Now).Insert(3, " ")));
        Assert.Single(await SessionsAsync(run));

        var other = new Browser(run);
        await other.SignInAsync(Password);
        Assert.Equal(SignInOutcome.SignedIn, await other.EnterCodeAsync(codes[3].ToUpperInvariant()));
        await other.SignInAsync(Password);
        Assert.Equal(SignInOutcome.Refused, await other.EnterCodeAsync(codes[3]));
    }

    [Fact]
    public async Task EnterCode_ManyWrongCodes_AreLimited()
    {
        await using var run = await StartAsync();
        var (key, _) = await SetUpAsync(run.Portal, await ActorAsync(run));
        var browser = new Browser(run);
        await browser.SignInAsync(Password);
        for (var i = 0; i < 5; i++)
            Assert.Equal(SignInOutcome.Refused, await browser.EnterCodeAsync("123456"));
        run.Portal.Clock.Advance(Step);
        Assert.Equal(SignInOutcome.TooManyAttempts, await browser.EnterCodeAsync(CodeOf(key, run.Portal.Now)));
    }

    private static string CodeOf(SecondFactorKey key, DateTime at) => new Totp(Base32Encoding.ToBytes(key.Key)).ComputeTotp(at);

    private static async Task<(SecondFactorKey Key, IReadOnlyList<string> Codes)> SetUpAsync(TestPortal portal, Actor actor)
    {
        var factors = portal.Services.GetRequiredService<SecondFactorService>();
        var key = await factors.BeginAsync(actor);
        return (key!, (await factors.ConfirmAsync(actor, CodeOf(key!, portal.Now)))!);
    }

    private static async Task<UserEntry> ListAsync(TestPortal portal) =>
        (await portal.Services.GetRequiredService<UserReader>().ListAsync(portal.Administrator)).Users.Single(user => user.Id == portal.Viewer.Id);

    private static async Task<AccountRun> StartAsync()
    {
        var run = await AccountRun.StartAsync();
        Assert.Empty(await run.UseAsync(accounts => accounts.SetUpAsync(run.Code, new NewUser("Ada", Email, Password))));
        return run;
    }

    private static async Task<Actor> ActorAsync(AccountRun run)
    {
        await using var context = await run.Portal.OpenAsync();
        var user = await context.Users.SingleAsync(TestContext.Current.CancellationToken);
        return new Actor(ActorKind.User, user.Id, user.DisplayName, user.AccountId, Role.Administrator) { SecurityStamp = user.SecurityStamp };
    }

    private static async Task<List<string>> SessionsAsync(AccountRun run)
    {
        await using var context = await run.Portal.OpenAsync();
        return await context.UserSessions.Select(session => session.Id).ToListAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Keeps the cookies from one request to the next.</summary>
    private sealed class Browser(AccountRun run)
    {
        private readonly Dictionary<string, string> _cookies = [];

        public Task<SignInOutcome> SignInAsync(string password) => SendAsync(service => service.SignInAsync(new SignInAttempt(Email, password)));

        public Task<SignInOutcome> EnterCodeAsync(string code) => SendAsync(service => service.EnterCodeAsync(new SignInAttempt(null, null), code));

        private async Task<SignInOutcome> SendAsync(Func<SignInService, Task<SignInResult>> send)
        {
            await using var scope = run.Portal.Services.CreateAsyncScope();
            var context = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
            context.Request.Headers.Cookie = string.Join("; ", _cookies.Select(cookie => $"{cookie.Key}={cookie.Value}"));
            scope.ServiceProvider.GetRequiredService<IHttpContextAccessor>().HttpContext = context;
            var result = await send(scope.ServiceProvider.GetRequiredService<SignInService>());
            foreach (var set in context.Response.Headers.SetCookie)
            {
                var parts = set!.Split(';')[0].Split('=', 2);
                _cookies[parts[0]] = parts[1];
            }

            return result.Outcome;
        }
    }
}
