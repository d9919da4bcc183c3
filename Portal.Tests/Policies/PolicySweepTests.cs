using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Audit;
using Portal.Policies;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Policies;

public sealed class PolicySweepTests
{
    [Fact]
    public async Task Sweep_IdleToken_IsDisabledAfterTwoNotices()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync(days: null)).Handle;
        await portal.SetPolicyAsync(new PolicyRules { DisableIdleAfterDays = 30 });
        var sweep = portal.Services.GetRequiredService<PolicySweep>();

        foreach (var (days, notices) in new[] { (22, 0), (1, 1), (5, 1), (1, 2) })
        {
            portal.Clock.Advance(TimeSpan.FromDays(days));
            Assert.Equal(0, await sweep.SweepAsync(TestContext.Current.CancellationToken));
            Assert.Equal(0, await sweep.SweepAsync(TestContext.Current.CancellationToken));
            Assert.Equal(notices, (await portal.AuditAsync()).Count(entry => entry.Action == AuditAction.NoticeIdle));
        }

        portal.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(1, await sweep.SweepAsync(TestContext.Current.CancellationToken));

        Assert.Equal(TokenStatus.Inactive, await portal.StatusAsync(handle));
        var entry = (await portal.AuditAsync())[^1];
        Assert.Equal(("token.disabled", "system", handle), (entry.Action, entry.ActorKind, entry.TargetId));
        Assert.Contains("\"idle_days\":30", entry.Details, StringComparison.Ordinal);
        await portal.Tokens.EnableAsync(portal.Operator, handle);
        Assert.Equal(0, await sweep.SweepAsync(TestContext.Current.CancellationToken));
        Assert.Equal(TokenStatus.Active, await portal.StatusAsync(handle));
    }

    [Fact]
    public async Task Sweep_NewPolicyForLongIdleToken_WaitsADayAfterTheNotice()
    {
        await using var portal = await TestPortal.CreateAsync();
        var (idle, used) = ((await portal.CreateAsync(days: null, name: "Idle")).Handle, (await portal.CreateAsync(days: null, name: "Used")).Handle);
        portal.Clock.Advance(TimeSpan.FromDays(400));
        await portal.ExecuteAsync($"UPDATE Tokens SET LastUsedAt = '{portal.Now.AddDays(-1):yyyy-MM-dd HH:mm:ss}' WHERE Handle = '{used}'");
        await portal.SetPolicyAsync(new PolicyRules { DisableIdleAfterDays = 30 });
        var sweep = portal.Services.GetRequiredService<PolicySweep>();

        Assert.Equal(0, await sweep.SweepAsync(TestContext.Current.CancellationToken));
        portal.Clock.Advance(TimeSpan.FromHours(23));
        Assert.Equal(0, await sweep.SweepAsync(TestContext.Current.CancellationToken));
        portal.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, await sweep.SweepAsync(TestContext.Current.CancellationToken));

        Assert.Equal((TokenStatus.Inactive, TokenStatus.Active), (await portal.StatusAsync(idle), await portal.StatusAsync(used)));
    }

    [Fact]
    public async Task Sweep_TwoAtOnce_TellAndDisableOnce()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.CreateAsync(days: null);
        await portal.SetPolicyAsync(new PolicyRules { DisableIdleAfterDays = 1 });
        PolicySweep[] sweeps = [portal.Services.GetRequiredService<PolicySweep>(), ActivatorUtilities.CreateInstance<PolicySweep>(portal.Services)];

        for (var day = 0; day < 3; day++)
        {
            portal.Clock.Advance(TimeSpan.FromDays(1));
            await Task.WhenAll(sweeps.Select(sweep => Task.Run(() => sweep.SweepAsync(TestContext.Current.CancellationToken))));
        }

        var entries = await portal.AuditAsync();
        Assert.Equal((1, 1), (entries.Count(entry => entry.Action == AuditAction.NoticeIdle), entries.Count(entry => entry.Action == "token.disabled")));
    }

    [Fact]
    public async Task Sweep_OldKey_AsksForANewOneAndBreaksNothing()
    {
        await using var portal = await TestPortal.CreateAsync();
        var (old, rotated) = ((await portal.CreateAsync(days: null, name: "Old")).Handle, (await portal.CreateAsync(days: null, name: "Rotated")).Handle);
        await portal.SetPolicyAsync(new PolicyRules { RotateEveryDays = 30 });
        portal.Clock.Advance(TimeSpan.FromDays(20));
        await portal.Tokens.RotateAsync(portal.Operator, rotated, null);
        portal.Clock.Advance(TimeSpan.FromDays(10));
        var sweep = portal.Services.GetRequiredService<PolicySweep>();

        await sweep.SweepAsync(TestContext.Current.CancellationToken);
        await sweep.SweepAsync(TestContext.Current.CancellationToken);

        var entry = Assert.Single(await portal.AuditAsync(), entry => entry.Action == AuditAction.NoticeRotation);
        Assert.Equal(old, entry.TargetId);
        Assert.Equal(TokenStatus.Active, await portal.StatusAsync(old));
        await using var context = await portal.OpenAsync();
        Assert.Equal("rotation", Assert.Single(await context.Notices.ToListAsync(TestContext.Current.CancellationToken)).Kind);
    }
}
