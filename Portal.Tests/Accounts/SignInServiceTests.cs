using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Portal.Accounts;
using Portal.Audit;
using Portal.Data;
using Portal.Tests.Support;
using SignInResult = Portal.Accounts.SignInResult;

namespace Portal.Tests.Accounts;

[Slow]
public sealed class SignInServiceTests
{
    private const string Office = "192.0.2.7", Elsewhere = "203.0.113.9";
    private static readonly NewUser Ada = new("Ada", "ada@example.com", "a long sentence to remember");

    /// <summary>.NET can't compare such texts.</summary>
    [Theory]
    [InlineData("\uFFFE@example.com")]
    [InlineData("\uFFFF@example.com")]
    [InlineData("\uD800@example.com")]
    [InlineData("")]
    [InlineData(null)]
    public async Task SignIn_AddressThatIsNoText_IsRefusedLikeAnyOther(string? email)
    {
        await using var run = await AccountRun.StartAsync();
        Assert.Equal(SignInOutcome.Refused, (await run.SignInAsync(email, "a password of nobody")).Outcome);
    }

    [Fact]
    public async Task SignIn_RightAndWrong_IsToldApartOnlyByTheOutcome()
    {
        await using var run = await StartAsync();

        Assert.Equal(SignInOutcome.SignedIn, (await run.SignInAsync(" ADA@example.com ", Ada.Password, "::ffff:192.0.2.7")).Outcome);
        foreach (var (email, password) in new[] { (Ada.Email, "wrong"), (Ada.Email, null), (Ada.Email, new string('x', 10_000)), ("nobody@example.com", Ada.Password) })
            Assert.Equal(new SignInResult(SignInOutcome.Refused), await run.SignInAsync(email, password));
        Assert.Equal(new SignInResult(SignInOutcome.Refused), await run.SignInAsync(null, null));
        Assert.Equal([AuditAction.AccountCreated, AuditAction.UserSignedIn], (await run.Portal.AuditAsync()).Select(entry => entry.Action));
        Assert.Equal(Office, (await run.Portal.AuditAsync())[^1].Address);
    }

    /// <summary>Counts hashes instead of measuring time: each attempt that is checked costs one hash of the full strength, even if the stored one is
    /// weaker.</summary>
    [Fact]
    public async Task SignIn_HoweverItEnds_CostsTheSame()
    {
        var hasher = new CountingHasher();
        await using var run = await StartAsync(services => services.Replace(ServiceDescriptor.Singleton<IPasswordHasher<PortalUser>>(hasher)));
        await run.Portal.ExecuteAsync("UPDATE AspNetUsers SET LockoutEnd = '2999-01-01 00:00:00+00:00'");
        hasher.Verified.Clear();

        await run.SignInAsync(Ada.Email, "wrong"); // of a locked user
        await run.SignInAsync(Ada.Email, Ada.Password); // of a locked user
        await run.SignInAsync("nobody@example.com", "wrong");
        await run.SignInAsync(Ada.Email, new string('x', 10_000));
        await run.SignInAsync(Ada.Email, null);
        await run.SignInAsync("", "");
        await run.SignInAsync(new string('x', 100_000), "wrong");

        Assert.Equal(Enumerable.Repeat(PasswordHashCost.Iterations, 7), hasher.Verified);
    }

    [Fact]
    public async Task SignIn_LockedByAnAdministrator_IsToldOnlyToWhoKnowsThePassword()
    {
        await using var run = await StartAsync();
        await run.Portal.ExecuteAsync("UPDATE AspNetUsers SET LockoutEnd = '2999-01-01 00:00:00+00:00'");
        Assert.Equal(SignInOutcome.Refused, (await run.SignInAsync(Ada.Email, "wrong")).Outcome);
        Assert.Equal(SignInOutcome.LockedOut, (await run.SignInAsync(Ada.Email, Ada.Password)).Outcome);
    }

    [Fact]
    public async Task SignIn_HashOfAnEarlierStrength_IsReplacedAndEndsNoSession()
    {
        await using var run = await StartAsync();
        var weak = new PasswordHasher<PortalUser>(Options.Create(new PasswordHasherOptions { IterationCount = 1000 }));
        string? stamp;
        await using (var context = await run.Portal.OpenAsync())
        {
            var user = await context.Users.SingleAsync();
            (user.PasswordHash, stamp) = (weak.HashPassword(user, Ada.Password), user.SecurityStamp);
            await context.SaveChangesAsync();
        }

        Assert.Equal(SignInOutcome.SignedIn, (await run.SignInAsync(Ada.Email, Ada.Password)).Outcome);

        await using var after = await run.Portal.OpenAsync();
        var stored = await after.Users.SingleAsync();
        Assert.Equal((PasswordHashCost.Iterations, stamp), (PasswordHashCost.IterationsOf(stored.PasswordHash), stored.SecurityStamp));
        Assert.Equal(SignInOutcome.SignedIn, (await run.SignInAsync(Ada.Email, Ada.Password)).Outcome);
    }

    [Fact]
    public async Task SignIn_FiveFailures_AreLimitedForThatAddressAndNobodyElse()
    {
        var hasher = new CountingHasher();
        await using var run = await StartAsync(services => services.Replace(ServiceDescriptor.Singleton<IPasswordHasher<PortalUser>>(hasher)));
        foreach (var email in new[] { Ada.Email, "nobody@example.com" })
        {
            for (var i = 0; i < 5; i++)
                Assert.Equal(SignInOutcome.Refused, (await run.SignInAsync(email, "wrong", Office)).Outcome);
            hasher.Verified.Clear();
            var refused = await run.SignInAsync(email, Ada.Password, Office);
            Assert.Equal((SignInOutcome.TooManyAttempts, TimeSpan.FromMinutes(1)), (refused.Outcome, refused.RetryAfter));
            Assert.Empty(hasher.Verified);
        }

        Assert.Equal(SignInOutcome.SignedIn, (await run.SignInAsync(Ada.Email, Ada.Password, Elsewhere)).Outcome);
        run.Portal.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(SignInOutcome.SignedIn, (await run.SignInAsync(Ada.Email, Ada.Password, Office)).Outcome);
    }

    [Fact]
    public async Task SignIn_BrowserThatHasSignedInBefore_IsNotLockedOutByStrangers()
    {
        await using var run = await StartAsync(settings: new() { ["SignIn:FailuresPerAccount"] = "5", ["SignIn:FailuresPerAddress"] = "6" });
        var device = (await run.SignInAsync(Ada.Email, Ada.Password, Office)).DeviceCookie;
        for (var i = 0; i < 8; i++)
            await run.SignInAsync(Ada.Email, "wrong", Office);

        Assert.Equal(SignInOutcome.TooManyAttempts, (await run.SignInAsync(Ada.Email, Ada.Password, Office)).Outcome);
        Assert.Equal(SignInOutcome.TooManyAttempts, (await run.SignInAsync(Ada.Email, Ada.Password, Elsewhere)).Outcome);
        Assert.Equal(SignInOutcome.SignedIn, (await run.SignInAsync(Ada.Email, Ada.Password, Office, device)).Outcome);

        // Its own failures are limited too.
        for (var i = 0; i < 5; i++)
            Assert.Equal(SignInOutcome.Refused, (await run.SignInAsync(Ada.Email, "wrong", Elsewhere, device)).Outcome);
        Assert.Equal(SignInOutcome.TooManyAttempts, (await run.SignInAsync(Ada.Email, Ada.Password, Office, device)).Outcome);
    }

    [Fact]
    public async Task SignIn_CookieOfAnotherAccountOrForged_IsThatOfAStranger()
    {
        await using var run = await StartAsync();
        var device = (await run.SignInAsync(Ada.Email, Ada.Password, Office)).DeviceCookie!;
        for (var i = 0; i < 5; i++)
            await run.SignInAsync("bob@example.com", "wrong", Office);

        foreach (var cookie in new[] { device, device[..^2], "", "%", new string('A', 100_000), Convert.ToBase64String(new byte[40]) })
            Assert.Equal(SignInOutcome.TooManyAttempts, (await run.SignInAsync("bob@example.com", "wrong", Office, cookie)).Outcome);

        run.Portal.Clock.Advance(TimeSpan.FromDays(181));
        for (var i = 0; i < 5; i++)
            await run.SignInAsync(Ada.Email, "wrong", Office);
        Assert.Equal(SignInOutcome.TooManyAttempts, (await run.SignInAsync(Ada.Email, Ada.Password, Office, device)).Outcome);
    }

    [Fact]
    public async Task SignIn_AddressesOfOneIPv6Network_AreOne()
    {
        await using var run = await StartAsync();
        for (var i = 0; i < 5; i++)
            await run.SignInAsync(Ada.Email, "wrong", $"2001:db8::{i + 1}");
        Assert.Equal(SignInOutcome.TooManyAttempts, (await run.SignInAsync(Ada.Email, Ada.Password, "2001:db8::ffff:1")).Outcome);
        Assert.Equal(SignInOutcome.SignedIn, (await run.SignInAsync(Ada.Email, Ada.Password, "2001:db8:0:1::1")).Outcome);
    }

    [Fact]
    public async Task SignIn_ManyAtOnce_HashesFewAndTurnsTheOthersAway()
    {
        var hasher = new CountingHasher();
        await using var run = await StartAsync(
            services => services.Replace(ServiceDescriptor.Singleton<IPasswordHasher<PortalUser>>(hasher)), new() { ["SignIn:MaximumWaiting"] = "2" });

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(() => run.SignInAsync($"{i}@example.com", "wrong", Office))));

        Assert.InRange(hasher.MostAtOnce, 1, PasswordChecker.MostAtOnce);
        Assert.Contains(outcomes, outcome => outcome.Outcome == SignInOutcome.Busy && outcome.RetryAfter > TimeSpan.Zero);
        Assert.All(outcomes, outcome => Assert.True(outcome.Outcome is SignInOutcome.Busy or SignInOutcome.Refused));
    }

    [Fact]
    public async Task SignIn_FailuresForManyAccounts_AreLimitedForTheirAddress()
    {
        await using var run = await StartAsync(settings: new() { ["SignIn:FailuresPerAddress"] = "3" });
        for (var i = 0; i < 3; i++)
            Assert.Equal(SignInOutcome.Refused, (await run.SignInAsync($"{i}@example.com", "wrong", Office)).Outcome);
        Assert.Equal(SignInOutcome.TooManyAttempts, (await run.SignInAsync(Ada.Email, Ada.Password, Office)).Outcome);
        Assert.Equal(SignInOutcome.SignedIn, (await run.SignInAsync(Ada.Email, Ada.Password, Elsewhere)).Outcome);
    }

    /// <summary>The limit allows one failure, so a success that counted as one would refuse the next attempt.</summary>
    [Fact]
    public async Task SignIn_WhatWasNoFailure_IsNotCounted()
    {
        using var hasher = new HeldHasher();
        await using var run = await StartAsync(
            services => services.Replace(ServiceDescriptor.Singleton<IPasswordHasher<PortalUser>>(hasher)),
            new() { ["SignIn:FailuresPerAddressAndAccount"] = "1", ["SignIn:MaximumWaiting"] = "1" });
        // A valid password.
        for (var i = 0; i < 2; i++)
            Assert.Equal(SignInOutcome.SignedIn, (await run.SignInAsync(Ada.Email, Ada.Password, Office)).Outcome);

        // A database that fails.
        await run.Portal.ExecuteAsync("ALTER TABLE AspNetUsers RENAME TO Away");
        await Assert.ThrowsAnyAsync<Exception>(() => run.SignInAsync(Ada.Email, Ada.Password, Office));
        await run.Portal.ExecuteAsync("ALTER TABLE Away RENAME TO AspNetUsers");
        Assert.Equal(SignInOutcome.SignedIn, (await run.SignInAsync(Ada.Email, Ada.Password, Office)).Outcome);

        // No attempt could be checked in time.
        hasher.Hold();
        List<Task<SignInResult>> held = [];
        for (var i = 0; i < PasswordChecker.MostAtOnce; i++)
        {
            held.Add(run.SignInAsync($"{i}@example.com", "wrong", Elsewhere));
            await hasher.HeldAsync();
        }

        // One more attempt may wait; the other one is refused.
        Task<SignInResult>[] waiting = [run.SignInAsync("one@example.com", "wrong", Elsewhere), run.SignInAsync("two@example.com", "wrong", Elsewhere)];
        Assert.Equal(SignInOutcome.Busy, (await await Task.WhenAny(waiting)).Outcome);
        Assert.Equal(SignInOutcome.Busy, (await run.SignInAsync(Ada.Email, Ada.Password, Office)).Outcome);
        hasher.Go();
        await Task.WhenAll([.. held, .. waiting]);
        Assert.Equal(SignInOutcome.SignedIn, (await run.SignInAsync(Ada.Email, Ada.Password, Office)).Outcome);
    }

    [Fact]
    public async Task SignIn_Failures_AreAuditedOnceWithoutWhatWasTyped()
    {
        await using var run = await StartAsync();
        for (var i = 0; i < 8; i++)
            await run.SignInAsync(Ada.Email, "a wrong password", Office);
        await run.SignInAsync("nobody@example.com", "a wrong password", Elsewhere);

        await run.Portal.Services.GetRequiredService<FailedSignIns>().FlushAsync(TestContext.Current.CancellationToken);

        var entry = (await run.Portal.AuditAsync())[^1];
        Assert.Equal((AuditAction.UserLockedOut, """{"attempts":5,"addresses":["192.0.2.7"]}""", "system"), (entry.Action, entry.Details, entry.ActorKind));
        Assert.Equal(2, (await run.Portal.AuditAsync()).Count);
    }

    [Fact]
    public async Task SignIn_FailuresThatCannotBeWritten_AreWrittenLaterTogetherWithNewOnes()
    {
        await using var run = await StartAsync();
        await run.Portal.ExecuteAsync(RefusingTrigger.On("AuditEntries"));
        var failures = run.Portal.Services.GetRequiredService<FailedSignIns>();
        await run.SignInAsync(Ada.Email, "wrong", Office);
        await Assert.ThrowsAsync<DbUpdateException>(() => failures.FlushAsync(TestContext.Current.CancellationToken));
        await run.SignInAsync(Ada.Email, "wrong", Elsewhere);
        await run.Portal.ExecuteAsync(RefusingTrigger.Off);
        await failures.FlushAsync(TestContext.Current.CancellationToken);

        var entry = (await run.Portal.AuditAsync())[^1];
        Assert.Equal((AuditAction.UserSignInFailed, """{"attempts":2,"addresses":["192.0.2.7","203.0.113.9"]}"""), (entry.Action, entry.Details));
    }

    [Fact]
    public async Task SignIn_WhilePortalStops_IsBusy()
    {
        await using var run = await StartAsync();
        run.Portal.Services.GetRequiredService<PasswordChecker>().Dispose();
        Assert.Equal(SignInOutcome.Busy, (await run.SignInAsync(Ada.Email, Ada.Password)).Outcome);
    }

    private static async Task<AccountRun> StartAsync(Action<IServiceCollection>? configure = null, Dictionary<string, string?>? settings = null)
    {
        var run = await AccountRun.StartAsync(configure: configure, settings: settings);
        Assert.Empty(await run.UseAsync(accounts => accounts.SetUpAsync(run.Code, Ada)));
        return run;
    }

    /// <summary>Identity's own hasher, which records the iterations of each compared hash, and how many were compared at the same time.</summary>
    private sealed class CountingHasher : IPasswordHasher<PortalUser>
    {
        private readonly PasswordHasher<PortalUser> _hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = PasswordHashCost.Iterations }));
        private int _now, _most;

        public System.Collections.Concurrent.ConcurrentQueue<int> Verified { get; } = new();
        public int MostAtOnce => _most;

        public string HashPassword(PortalUser user, string password) => _hasher.HashPassword(user, password);

        public PasswordVerificationResult VerifyHashedPassword(PortalUser user, string hashedPassword, string providedPassword)
        {
            Verified.Enqueue(PasswordHashCost.IterationsOf(hashedPassword));
            _most = Math.Max(_most, Interlocked.Increment(ref _now));
            var result = _hasher.VerifyHashedPassword(user, hashedPassword, providedPassword);
            Interlocked.Decrement(ref _now);
            return result;
        }
    }

    /// <summary>Identity's own hasher, with comparisons that can be held.</summary>
    private sealed class HeldHasher : IPasswordHasher<PortalUser>, IDisposable
    {
        private readonly PasswordHasher<PortalUser> _hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = PasswordHashCost.Iterations }));
        private readonly ManualResetEventSlim _goes = new(initialState: true);
        private readonly SemaphoreSlim _arrived = new(0);

        public void Hold() => _goes.Reset();

        public void Go() => _goes.Set();

        /// <summary>Waits until one more comparison is held.</summary>
        public Task HeldAsync() => _arrived.WaitAsync(TestContext.Current.CancellationToken);

        public string HashPassword(PortalUser user, string password) => _hasher.HashPassword(user, password);

        public PasswordVerificationResult VerifyHashedPassword(PortalUser user, string hashedPassword, string providedPassword)
        {
            if (!_goes.IsSet)
                _arrived.Release();
            _goes.Wait(CancellationToken.None);
            return _hasher.VerifyHashedPassword(user, hashedPassword, providedPassword);
        }

        public void Dispose()
        {
            _goes.Set();
            _arrived.Dispose();
        }
    }
}
