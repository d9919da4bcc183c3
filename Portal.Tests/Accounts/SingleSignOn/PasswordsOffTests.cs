using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Accounts;
using Portal.Accounts.Users;
using Portal.Audit;
using Portal.Tests.Support;

namespace Portal.Tests.Accounts.SingleSignOn;

/// <summary>With <c>SignIn:Password</c> false, no password opens anything, and an operator of the server can still let someone in.</summary>
public sealed class PasswordsOffTests(PasswordsOffTests.Fixture fixture) : IClassFixture<PasswordsOffTests.Fixture>
{
    private const string Password = "a long sentence to remember";

    private static readonly Dictionary<string, string> Settings = new()
    {
        ["SignIn:Password"] = "false", ["SignIn:Providers:test:Authority"] = "http://127.0.0.1:1", ["SignIn:Providers:test:ClientId"] = "portal",
        ["SignIn:Providers:test:ClientSecret"] = "secret", ["SignIn:Providers:test:DisplayName"] = "Example Login",
    };

    private readonly PortalHost _portal = fixture.Portal;

    private static Actor Operator => new(ActorKind.System, "command-line", "Command line", "PA-100-200", Role.Administrator);

    [Fact]
    public async Task Passwords_EverywhereAndByHand_AreRefused()
    {
        using var browser = new ProviderBrowser(_portal.Address);
        await browser.OpenAsync("/login");
        Assert.DoesNotContain("type=\"password\"", browser.Page, StringComparison.Ordinal);
        Assert.Contains("Continue with Example Login", browser.Page, StringComparison.Ordinal);

        // An invitation opened before: its form is sent by hand.
        var invited = Assert.IsType<UserOutcome.Done>(await _portal.Services.GetRequiredService<InvitationService>()
            .InviteAsync(_portal.Administrator, "ben@example.com", Role.Viewer, TestContext.Current.CancellationToken)).Link!;
        await browser.OpenAsync("/join");
        await browser.SubmitAsync("data-link-code", ("Entered.Code", invited.Code));
        Assert.DoesNotContain("type=\"password\"", browser.Page, StringComparison.Ordinal);
        Assert.Contains("signin/test/join", browser.Page, StringComparison.Ordinal);
        await using var scope = _portal.Services.CreateAsyncScope();
        var links = scope.ServiceProvider.GetRequiredService<OneTimeLinkService>();
        Assert.Contains("Passwords are switched off", Assert.Single(await links.AcceptAsync(invited.Code, "Ben", Password, cancellation: TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
        Assert.Contains("Passwords are switched off", Assert.Single(await links.SetPasswordAsync("x", Password, cancellation: TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
        var users = _portal.Services.GetRequiredService<UserService>();
        Assert.IsType<UserOutcome.Refused>(await users.ResetPasswordAsync(Operator, _portal.Administrator.Id, TestContext.Current.CancellationToken));
        await using var context = await _portal.ContextAsync();
        Assert.Equal(1, await context.Users.CountAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task SignInLink_OfAnOperator_SignsInOnce()
    {
        var code = await IssueAsync();
        using var browser = new ProviderBrowser(_portal.Address);
        await browser.OpenAsync("/sign-in-link");
        await browser.SubmitAsync("data-link-code", ("Entered.Code", code));
        Assert.Contains("This link signs you in as", browser.Page, StringComparison.Ordinal);
        await browser.SubmitAsync("Form.Code");
        Assert.Equal("/tokens", browser.Address.AbsolutePath);
        Assert.Equal(HttpStatusCode.OK, browser.Status);
        await using var context = await _portal.ContextAsync();
        var actions = await context.AuditEntries.Where(entry => entry.TargetId == _portal.Administrator.Id).Select(entry => entry.Action).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Superset(new HashSet<string> { AuditAction.SignInLinkCreated, AuditAction.SignInLinkUsed, AuditAction.UserSignedIn }, actions.ToHashSet());
        await browser.OpenAsync("/profile");
        Assert.DoesNotContain("Change password", browser.Page, StringComparison.Ordinal);

        using var another = new ProviderBrowser(_portal.Address);
        await another.OpenAsync("/sign-in-link");
        await another.SubmitAsync("data-link-code", ("Entered.Code", code));
        Assert.Contains("This link doesn", another.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignInLink_AfterAQuarterOfAnHour_DoesNotWork()
    {
        var code = await IssueAsync();
        _portal.Clock.Advance(TimeSpan.FromMinutes(15));
        using var browser = new ProviderBrowser(_portal.Address);
        await browser.OpenAsync("/sign-in-link");
        await browser.SubmitAsync("data-link-code", ("Entered.Code", code));
        Assert.Contains("This link doesn", browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignInLink_OfAPerson_CanNotBeIssued()
    {
        await using var scope = _portal.Services.CreateAsyncScope();
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => scope.ServiceProvider.GetRequiredService<SignInLinks>().IssueAsync(_portal.Administrator, _portal.Administrator.Id, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Setup_FirstAdministrator_IsSignedInOnce()
    {
        await using var run = await AccountRun.StartAsync(settings: Settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value));
        Assert.Empty(await run.UseAsync(accounts => accounts.SetUpAsync(run.Code, new NewUser("Ada", "ada@example.com", Password))));
        Assert.Equal(SignInOutcome.PasswordsOff, (await run.SignInAsync("ada@example.com", Password)).Outcome);
        Assert.Equal(SignInOutcome.SignedIn, (await run.UseAsync<SignInService, SignInResult>(service => service.SignInAsync(new SignInAttempt("ada@example.com", Password, IsAfterSetup: true)))).Outcome);
    }

    private async Task<string> IssueAsync()
    {
        await using var scope = _portal.Services.CreateAsyncScope();
        return Assert.IsType<UserOutcome.Done>(
            await scope.ServiceProvider.GetRequiredService<SignInLinks>().IssueAsync(Operator, _portal.Administrator.Id, TestContext.Current.CancellationToken)).Link!.Code;
    }

    public sealed class Fixture : IAsyncLifetime
    {
        public PortalHost Portal { get; } = new("Development", configure: builder => builder.ConfigureAppConfiguration((_, configuration) => configuration.AddInMemoryCollection(Settings!)));

        public ValueTask InitializeAsync() => Portal.InitializeAsync();

        public ValueTask DisposeAsync() => Portal.DisposeAsync();
    }
}
