using System.Net;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Portal.Audit;
using Portal.Data;
using Portal.Statistics;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Reading;

namespace Portal.Tests.Data;

/// <summary>Ended keys stay ended, whatever happens to the system clock, even across restarts; and a clock that is temporarily wrong causes no
/// lasting damage.</summary>
[Slow]
public sealed class ClockKeeperTests : IDisposable
{
    private const string Path = "/public/v1/agreements";
    private static readonly double[] SetBack = [0, -2, -400 * 86_400];
    private static readonly TimeSpan Ahead = TimeSpan.FromDays(500);

    private readonly string _folder = Directory.CreateTempSubdirectory("portal-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Keys_ThatEnded_StayRefusedWhenTheClockIsSetBack()
    {
        string[] ended;
        string alive;
        await using (var portal = await StartAsync())
        {
            var (rotated, ending, expiring) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync(), await portal.CreateTokenAsync(Now(portal).AddSeconds(1)));
            alive = (await portal.RotateAsync(rotated)).ToHeaderValue();
            await portal.Tokens.RotateAsync(portal.Administrator, ending.Handle, null, TimeSpan.FromHours(1));
            await portal.Tokens.EndPreviousAsync(portal.Administrator, ending.Handle);
            portal.Clock.Advance(TimeSpan.FromSeconds(1));
            ended = [rotated.ToHeaderValue(), ending.ToHeaderValue(), expiring.ToHeaderValue()];
            foreach (var seconds in SetBack)
            {
                portal.Clock.Skew = TimeSpan.FromSeconds(seconds);
                await AssertStatusAsync(portal, HttpStatusCode.Unauthorized, ended);
            }

            AssertAsked(portal);
        }

        foreach (var seconds in SetBack.Skip(1))
        {
            await using var portal = await StartAsync(TimeSpan.FromSeconds(seconds));
            await AssertStatusAsync(portal, HttpStatusCode.Unauthorized, ended);
            await AssertStatusAsync(portal, HttpStatusCode.OK, alive);
        }
    }

    /// <summary>As after a crash: the last known time is a minute old, but the change is newer.</summary>
    [Fact]
    public async Task Start_LastKnownTimeIsOlderThanTheLastChange_BeginsAtTheChange()
    {
        await using var portal = await TestPortal.CreateAsync();
        var keeper = portal.Services.GetRequiredService<ClockKeeper>();
        var clock = portal.Services.GetRequiredService<MonotonicClock>();
        await keeper.KeepAsync(TestContext.Current.CancellationToken);
        portal.Clock.Advance(TimeSpan.FromSeconds(50));
        await portal.CreateAsync();
        var changed = portal.Now;
        portal.Clock.Skew = TimeSpan.FromHours(-1);

        await keeper.StartClockAsync(accept: false, TestContext.Current.CancellationToken);
        Assert.Equal(changed, clock.GetUtcNow().UtcDateTime);
        await keeper.StartClockAsync(accept: true, TestContext.Current.CancellationToken);
        Assert.Equal(portal.Now, clock.GetUtcNow().UtcDateTime);
        await keeper.StartClockAsync(accept: false, TestContext.Current.CancellationToken);
        Assert.Equal(portal.Now, clock.GetUtcNow().UtcDateTime);
    }

    /// <summary>Nothing is changed before the stop, so only the stored time shows that it was later.</summary>
    [Fact]
    public async Task Stop_ClockIsSetBackMeanwhile_TimeGoesOnFromThere()
    {
        var stopped = default(DateTimeOffset);
        await using (var portal = await StartAsync())
        {
            portal.Clock.Advance(TimeSpan.FromMinutes(30));
            stopped = portal.Clock.GetUtcNow();
        }

        await using var next = await StartAsync(TimeSpan.FromHours(-1));
        Assert.True(next.Services.GetRequiredService<MonotonicClock>().GetUtcNow() >= stopped, "The time went back across the restart.");
    }

    [Fact]
    public async Task Start_ClockThatCannotBeRight_IsTold()
    {
        await using (var portal = await StartAsync())
            Assert.DoesNotContain("system clock", portal.Log.Text, StringComparison.Ordinal);
        await using (var behind = await StartAsync(TimeSpan.FromHours(-1)))
            Assert.Matches("The system clock is .* behind the last time known to Portal", behind.Log.Text);
        await using (var ahead = await StartAsync(Ahead))
            Assert.Matches("The system clock says 2028-.*, but the last time known to Portal is 2026-", ahead.Log.Text);
    }

    [Fact]
    public async Task Clock_500DaysAhead_DoesNothingThatCannotBeUndone()
    {
        string key, handle;
        await using (var portal = await StartAsync())
        {
            var token = await portal.CreateTokenAsync(Now(portal).AddDays(90));
            (key, handle) = (token.ToHeaderValue(), token.Handle);
            await AssertStatusAsync(portal, HttpStatusCode.OK, key);
            Assert.Contains(await portal.CountsAsync(handle), IsServed);
            await LiveThroughJumpAsync(portal, key);
        }

        await using (var portal = await StartAsync(Ahead))
            await LiveThroughJumpAsync(portal, key);
        await using (var portal = await StartAsync())
        {
            Assert.Equal("Healthy", await portal.Client.GetStringAsync("/health/ready"));
            await AssertStatusAsync(portal, HttpStatusCode.OK, key);
            Assert.Contains(await portal.CountsAsync(handle), IsServed);
            Assert.IsType<RevealOutcome.Shown>(await portal.Tokens.RevealAsync(portal.Administrator, handle, KeySlot.Newest, AuditAction.KeyViewed));
        }
    }

    /// <summary>The real process: it warns at every start until an operator confirms that the clock is right.</summary>
    [Theory]
    [InlineData(-400, "but the last time known to Portal is", "Degraded\nThe system clock has jumped ahead")]
    [InlineData(400, "behind the last time known to Portal", "Healthy")]
    public async Task Start_ClockThatCannotBeRight_IsToldUntilItIsAccepted(int days, string warning, string health)
    {
        await StoredData.WithTokenAsync(_folder);
        await using (var stored = StoredData.Open(_folder))
            await stored.Installations.ExecuteUpdateAsync(
                set => set.SetProperty(row => row.LastKnownAt, TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(days)), TestContext.Current.CancellationToken);

        await using (var portal = await PortalProcess.StartAsync(_folder))
        {
            Assert.Contains(warning, portal.Output, StringComparison.Ordinal);
            Assert.Contains(ClockKeeper.AcceptOption, portal.Output, StringComparison.Ordinal);
            Assert.StartsWith(health, await HealthAsync(portal), StringComparison.Ordinal);
        }

        await using (var portal = await PortalProcess.StartAsync(_folder, [ClockKeeper.AcceptOption]))
        {
            Assert.DoesNotContain("last time known", portal.Output, StringComparison.Ordinal);
            Assert.Equal("Healthy", await HealthAsync(portal));
        }

        // It must have been stored immediately: the process was killed.
        await using var context = StoredData.Open(_folder);
        var known = await context.Installations.Select(row => row.LastKnownAt).SingleAsync(TestContext.Current.CancellationToken);
        Assert.InRange(TimeProvider.System.GetUtcNow().UtcDateTime - known!.Value, TimeSpan.Zero, TimeSpan.FromHours(1));
    }

    /// <summary>"Last used" never goes back, so a wrong future time would stay.</summary>
    [Fact]
    public async Task Use_WhileTheClockIsWrong_IsStoredAtTheTrueTime()
    {
        await using var portal = await StartAsync();
        var key = await portal.CreateTokenAsync();
        portal.Clock.Skew = Ahead;
        portal.Clock.Advance(TimeSpan.FromSeconds(5));
        await AssertStatusAsync(portal, HttpStatusCode.OK, key.ToHeaderValue());
        var used = Now(portal) - Ahead;
        portal.Clock.Skew = TimeSpan.Zero;
        portal.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Contains(await portal.CountsAsync(key.Handle), IsServed);
        var token = await portal.Services.GetRequiredService<TokenReader>().FindAsync(portal.Administrator, key.Handle, TestContext.Current.CancellationToken);
        Assert.Equal(used, token!.LastUse!.At);
    }

    private static async Task<string> HealthAsync(PortalProcess portal)
    {
        using var client = new HttpClient();
        return await client.GetStringAsync(portal.Address + "/health/ready", TestContext.Current.CancellationToken);
    }

    private static bool IsServed(string count) => count.StartsWith("2026-11-24 MD-0002 200", StringComparison.Ordinal);

    private static async Task LiveThroughJumpAsync(PortalHost portal, string key)
    {
        portal.Clock.Skew = Ahead;
        await AssertStatusAsync(portal, HttpStatusCode.Unauthorized, key);
        await portal.Services.GetRequiredService<StatisticsPruner>().PruneAsync();
        await portal.Services.GetRequiredService<EndedSecretSweep>().SweepAsync();
        Assert.StartsWith("Degraded\nThe system clock has jumped ahead", await portal.Client.GetStringAsync("/health/ready"), StringComparison.Ordinal);
        portal.Clock.Skew = TimeSpan.Zero;
        await AssertStatusAsync(portal, HttpStatusCode.OK, key);
        portal.Clock.Skew = Ahead;
    }

    /// <summary>Asserts that the framework's parts that check validity by time use Portal's clock.</summary>
    private static void AssertAsked(PortalHost portal)
    {
        var clock = portal.Services.GetRequiredService<MonotonicClock>();
        Assert.Same(clock, portal.Services.GetRequiredService<TimeProvider>());
        Assert.Same(clock, portal.Services.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>().Get(IdentityConstants.ApplicationScheme).TimeProvider);
        Assert.Same(clock, portal.Services.GetRequiredService<IOptions<SecurityStampValidatorOptions>>().Value.TimeProvider);
    }

    private async Task<PortalHost> StartAsync(TimeSpan skew = default)
    {
        var portal = new PortalHost("Development", null, _folder);
        portal.Clock.Skew = skew;
        await portal.InitializeAsync();
        return portal;
    }

    private static DateTime Now(PortalHost portal) => portal.Clock.GetUtcNow().UtcDateTime;

    private static async Task AssertStatusAsync(PortalHost portal, HttpStatusCode expected, params string[] keys)
    {
        foreach (var key in keys)
        {
            using var answer = await portal.SendAsync(key, Path);
            Assert.Equal(expected, answer.StatusCode);
        }
    }
}
