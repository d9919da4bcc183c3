using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Accounts;
using Portal.Accounts.Passkeys;

namespace Portal.Tests.Accounts.Passkeys;

/// <summary>Signing in with a passkey: without a password, and after it.</summary>
public sealed class PasskeySignInTests
{
    private const string Email = "ada@example.com", Password = "a long sentence to remember";

    [Fact]
    public async Task SignIn_WithAPasskey_NeedsNeitherPasswordNorCode()
    {
        await using var run = await StartAsync();
        var (device, _) = await AddPasskeyAsync(run);
        var browser = new Browser(run);

        Assert.Equal(SignInOutcome.SignedIn, await browser.SignInAsync(device));

        var entry = (await run.Portal.AuditAsync())[^1];
        Assert.Equal(("user.signed_in", """{"method":"passkey"}"""), (entry.Action, entry.Details));
        // The options are the same for everyone.
        Assert.DoesNotContain("\"id\"", (await browser.BeginAsync()).Options, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignIn_ReplayedOrOfAnotherBrowserOrAlteredOrTooOld_IsRefused()
    {
        await using var run = await StartAsync();
        var (device, _) = await AddPasskeyAsync(run);
        var (browser, other) = (new Browser(run), new Browser(run));
        var request = await browser.BeginAsync();
        Assert.Equal(SignInOutcome.Expired, await other.SendAsync(device.Use(request)));
        Assert.Equal(SignInOutcome.Refused, await browser.SendAsync(device.Use(request, alter: true)));
        var answer = device.Use(request);
        Assert.Equal(SignInOutcome.SignedIn, await browser.SendAsync(answer));
        Assert.Equal(SignInOutcome.Refused, await browser.SendAsync(answer)); // By its counter.

        request = await browser.BeginAsync();
        run.Portal.Clock.Advance(PasskeyChallenges.Lifetime);
        Assert.Equal(SignInOutcome.Expired, await browser.SendAsync(device.Use(request)));
        Assert.Equal(SignInOutcome.Refused, await browser.SignInAsync(new TestAuthenticator()));
        Assert.Equal(SignInOutcome.Expired, await browser.SendAsync(new PasskeyAnswer(null, null, TestAuthenticator.Site)));
    }

    /// <summary>Such as those that are synced: replays are found by the challenge.</summary>
    [Fact]
    public async Task SignIn_PasskeyWithoutACounter_WorksOnceForEachChallenge()
    {
        await using var run = await StartAsync();
        var (device, _) = await AddPasskeyAsync(run, counter: 0);
        var browser = new Browser(run);
        device.Counter = uint.MaxValue; // The next one is 0.
        var answer = device.Use(await browser.BeginAsync());
        Assert.Equal(SignInOutcome.SignedIn, await browser.SendAsync(answer));
        Assert.Equal(SignInOutcome.Expired, await browser.SendAsync(answer));
    }

    [Fact]
    public async Task SignIn_DisabledUser_IsLockedOut()
    {
        await using var run = await StartAsync();
        var (device, _) = await AddPasskeyAsync(run);
        await run.Portal.ExecuteAsync("UPDATE AspNetUsers SET LockoutEnd = '2999-01-01 00:00:00+00:00'");
        Assert.Equal(SignInOutcome.LockedOut, await new Browser(run).SignInAsync(device));
    }

    [Fact]
    public async Task SignIn_ManyWrongPasskeys_AreLimitedByAddress_ExceptForAKnownBrowser()
    {
        await using var run = await StartAsync(new() { ["SignIn:FailuresPerAddress"] = "3" });
        var (device, _) = await AddPasskeyAsync(run);
        var (known, stranger) = (new Browser(run), new Browser(run));
        await known.SignInAsync(device);
        for (var i = 0; i < 3; i++)
            Assert.Equal(SignInOutcome.Refused, await stranger.SignInAsync(new TestAuthenticator()));
        Assert.Equal(SignInOutcome.TooManyAttempts, await stranger.SignInAsync(device));
        Assert.Equal(SignInOutcome.SignedIn, await known.SignInAsync(device));
    }

    [Fact]
    public async Task SignIn_WithAPassword_NeedsThePasskeyOrARecoveryCode()
    {
        await using var run = await StartAsync();
        var (device, codes) = await AddPasskeyAsync(run);
        var browser = new Browser(run);
        Assert.Null(await browser.BeginCodeAsync());
        Assert.Equal(SignInOutcome.CodeNeeded, await browser.SendPasswordAsync());
        var request = await browser.BeginCodeAsync();
        Assert.Contains("\"id\"", request!.Options, StringComparison.Ordinal);
        // A challenge for a sign-in without a password doesn't do.
        Assert.Equal(SignInOutcome.Refused, await browser.EnterAsync(device.Use(await browser.BeginAsync())));
        Assert.Equal(SignInOutcome.SignedIn, await browser.EnterAsync(device.Use(request)));
        Assert.Equal("""{"method":"password_and_passkey"}""", (await run.Portal.AuditAsync())[^1].Details);

        await browser.SendPasswordAsync();
        Assert.Equal(SignInOutcome.SignedIn, await browser.EnterCodeAsync(codes[0]));
        await browser.SendPasswordAsync();
        Assert.Equal(SignInOutcome.Refused, await browser.EnterCodeAsync(codes[0]));
    }

    private static async Task<AccountRun> StartAsync(Dictionary<string, string?>? settings = null)
    {
        var run = await AccountRun.StartAsync(settings: settings);
        Assert.Empty(await run.UseAsync(accounts => accounts.SetUpAsync(run.Code, new NewUser("Ada", Email, Password))));
        return run;
    }

    private static async Task<(TestAuthenticator Device, IReadOnlyList<string> Codes)> AddPasskeyAsync(AccountRun run, uint counter = 1)
    {
        await using var context = await run.Portal.OpenAsync();
        var user = await context.Users.SingleAsync(TestContext.Current.CancellationToken);
        var actor = new Actor(ActorKind.User, user.Id, user.DisplayName, user.AccountId, Role.Administrator) { SecurityStamp = user.SecurityStamp };
        var (passkeys, device) = (run.Portal.Services.GetRequiredService<PasskeyService>(), new TestAuthenticator { Counter = counter });
        var added = await passkeys.AddAsync(actor, "Laptop", device.Create(await passkeys.BeginAsync(actor, TestAuthenticator.Site)));
        return (device, added.RecoveryCodes!);
    }

    /// <summary>Keeps the cookies from one request to the next.</summary>
    private sealed class Browser(AccountRun run)
    {
        private readonly Dictionary<string, string> _cookies = [];
        private readonly string _id = Guid.CreateVersion7().ToString("N");
        private string? _device;

        private SignInAttempt Attempt => new(Email, Password, IPAddress.Parse("192.0.2.1"), _device);

        public Task<PasskeyRequest> BeginAsync() => RunAsync<PasskeySignIn, PasskeyRequest>(service => service.BeginAsync(_id, TestAuthenticator.Site));

        public Task<PasskeyRequest?> BeginCodeAsync() => RunAsync<PasskeySignIn, PasskeyRequest?>(service => service.BeginCodeAsync(_id, TestAuthenticator.Site));

        public async Task<SignInOutcome> SignInAsync(TestAuthenticator device) => await SendAsync(device.Use(await BeginAsync()));

        public Task<SignInOutcome> SendAsync(PasskeyAnswer answer) => SendAsync<PasskeySignIn>(service => service.SignInAsync(Attempt, _id, answer));

        public Task<SignInOutcome> EnterAsync(PasskeyAnswer answer) => SendAsync<PasskeySignIn>(service => service.EnterAsync(Attempt, _id, answer));

        public Task<SignInOutcome> SendPasswordAsync() => SendAsync<SignInService>(service => service.SignInAsync(Attempt));

        public Task<SignInOutcome> EnterCodeAsync(string code) => SendAsync<SignInService>(service => service.EnterCodeAsync(Attempt, code));

        private async Task<SignInOutcome> SendAsync<T>(Func<T, Task<SignInResult>> send)
            where T : notnull
        {
            var result = await RunAsync(send);
            _device = result.DeviceCookie ?? _device;
            return result.Outcome;
        }

        private async Task<TResult> RunAsync<T, TResult>(Func<T, Task<TResult>> use)
            where T : notnull
        {
            await using var scope = run.Portal.Services.CreateAsyncScope();
            var context = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
            context.Request.Headers.Cookie = string.Join("; ", _cookies.Select(cookie => $"{cookie.Key}={cookie.Value}"));
            scope.ServiceProvider.GetRequiredService<IHttpContextAccessor>().HttpContext = context;
            var result = await use(scope.ServiceProvider.GetRequiredService<T>());
            foreach (var set in context.Response.Headers.SetCookie)
            {
                var parts = set!.Split(';')[0].Split('=', 2);
                _cookies[parts[0]] = parts[1];
            }

            return result;
        }
    }
}
