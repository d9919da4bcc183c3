using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.Notices;
using Portal.Policies;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Notices;

/// <summary>Old notices go, and nobody is told twice because of that.</summary>
public sealed class NoticePrunerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Prune_SentLongAgo_RemovesThemAndNothingIsToldAgain()
    {
        await using var it = await NoticePortal.CreateAsync(new() { ["Notices:RetentionDays"] = "31" });
        // Only one moment, so that each later round finds it as the newest one.
        var handle = await it.AddTokenAsync(300);
        await it.ChangeAsync(handle, token => token.NoticeDays = "180");
        await it.RunAfterAsync(0);
        var mails = 0;
        for (var day = 0; day < 600; day += 10)
        {
            await it.RunAfterAsync(10);
            await PruneAsync(it.Portal);
            mails = it.Mails.Count;
        }

        Assert.Equal(1, mails);
        Assert.Empty(await it.NoticesAsync());
        await using var context = await it.Portal.OpenAsync();
        // The rows that hold the turns of the two accounts stay.
        Assert.Equal([NoticeKind.Turn, NoticeKind.Turn], await context.Notices.Select(notice => notice.Kind).ToListAsync(Cancellation));
        Assert.Equal(2, await context.NoticeRecipients.CountAsync(Cancellation));
    }

    [Fact]
    public async Task Prune_MailIsWaiting_KeepsIt()
    {
        await using var it = await NoticePortal.CreateAsync();
        await it.AddTokenAsync(40);
        await it.RunAfterAsync(10);
        await using (var context = await it.Portal.OpenAsync())
            await context.NoticeRecipients.Where(row => row.Email != "").ExecuteUpdateAsync(set => set.SetProperty(row => row.EndedAt, (DateTime?)null), Cancellation);
        it.Portal.Clock.Advance(TimeSpan.FromDays(400));

        Assert.Equal(0, await PruneAsync(it.Portal));
    }

    [Fact]
    public async Task Prune_RotationOfALongPolicy_IsAskedForOncePerPeriod()
    {
        await using var it = await NoticePortal.CreateAsync(new() { ["Notices:RetentionDays"] = "31" });
        Assert.IsType<PolicyOutcome.Done>(await it.Portal.Services.GetRequiredService<PolicyService>().SaveAsync(it.Portal.Administrator, "", new PolicyRules { RotateEveryDays = 730 }, Guid.Empty, Cancellation));
        var handle = await it.AddTokenAsync(3_000);
        var told = new HashSet<string>();
        for (var day = 0; day < 2_200; day += 100)
        {
            it.Portal.Clock.Advance(TimeSpan.FromDays(100));
            await it.Portal.Services.GetRequiredService<PolicySweep>().SweepAsync(Cancellation);
            await PruneAsync(it.Portal);
            told.UnionWith((await it.NoticesAsync()).Where(notice => notice.Kind == NoticeKind.Rotation).Select(notice => notice.Key));
        }

        Assert.Equal(told.Count, (await it.Portal.AuditAsync()).Count(entry => entry.TargetId == handle && entry.Action == "notice.rotation"));
    }

    [Fact]
    public async Task Webhook_SwitchedOff_IsToldToAdministratorsOnce()
    {
        await using var it = await NoticePortal.CreateAsync();
        await using (var context = await it.Portal.OpenAsync())
        {
            foreach (var (url, reason) in new (string, string?)[] { ("https://hooks.example.com:8443/secret-path", "failing"), ("https://manual.example.com/", null) })
                context.WebhookEndpoints.Add(new WebhookEndpoint
                {
                    AccountId = TestPortal.Account, Url = url, Events = "", Extensions = "", Secret = [1], CreatedAt = it.Portal.Now, CreatedById = "user", CreatedByName = "User", UpdatedByName = "User",
                    DisabledAt = it.Portal.Now, DisabledReason = reason, Version = Guid.CreateVersion7(),
                });
            await context.SaveChangesAsync(Cancellation);
        }

        await it.RunAfterAsync(TimeSpan.FromMinutes(1));
        await it.RunAfterAsync(TimeSpan.FromMinutes(1));
        await ActivatorUtilities.CreateInstance<NoticeWorker>(it.Portal.Services).RunAsync(Cancellation);

        var mail = Assert.Single(it.Mails);
        Assert.Equal(("The webhook endpoint https://hooks.example.com:8443 was switched off", "user-Administrator@example.com"), (mail.Subject, mail.To.Mailboxes.Single().Address));
        Assert.Contains("https://portal.example.com/team/webhooks/1", mail.TextBody, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-path", mail.TextBody, StringComparison.Ordinal);
        var entry = (await it.Portal.AuditAsync()).Single(entry => entry.Action == "notice.webhook_off");
        Assert.Equal(("1", "https://hooks.example.com:8443"), (entry.TargetId, entry.TargetName));
        var list = it.Portal.Services.GetRequiredService<NoticeList>();
        Assert.Equal("webhooks/1", Assert.Single(await list.ReadAsync(it.Portal.Administrator, Cancellation)).Path);
        Assert.Empty(await list.ReadAsync(it.Portal.Operator, Cancellation));

        await it.Portal.ExecuteAsync("UPDATE WebhookEndpoints SET DisabledAt = NULL, DisabledReason = NULL");
        Assert.Empty(await list.ReadAsync(it.Portal.Administrator, Cancellation));
        Assert.Equal(0, await CountAfterAsync(it, days: 20));
    }

    private static async Task<int> CountAfterAsync(NoticePortal it, int days)
    {
        var before = it.Mails.Count;
        await it.RunAfterAsync(days);
        return it.Mails.Count - before;
    }

    private static Task<int> PruneAsync(TestPortal portal) => portal.Services.GetRequiredService<NoticePruner>().PruneAsync(Cancellation);
}
