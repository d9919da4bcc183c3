using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Notices;
using Portal.Tests.Data;
using Portal.Tests.Support;
using Portal.Webhooks;

namespace Portal.Tests.Notices;

/// <summary>What the operations on notices work on.</summary>
internal static class NoticeOperations
{
    /// <summary>Writes the notice of a token that expires tomorrow.</summary>
    public static async Task WriteAsync(Subject it)
    {
        await using (var context = await it.Portal.OpenAsync())
            await context.Tokens.Where(token => token.Id == it.TokenId).ExecuteUpdateAsync(set => set.SetProperty(token => token.ExpiresAt, it.Portal.Now.AddDays(1)));
        await it.Portal.ExecuteAsync($"UPDATE TokenSecrets SET CreatedAt = '2029-01-01 00:00:00' WHERE TokenId = {it.TokenId}");
        var turn = await TakeTurnAsync(it);
        await it.Get<ExpirySweep>().WriteAsync(turn, [it.TokenId], it.Portal.Now, default);
        await turn.ReleaseAsync();
    }

    /// <summary>Writes the notice of a retired key.</summary>
    public static async Task WriteActivityAsync(Subject it)
    {
        var turn = await TakeTurnAsync(it);
        await it.Get<ActivityWatch>().WriteAsync(
            turn, [new TokenActivity(it.TokenId, NoticeKind.RetiredKeyUsed, DateOnly.FromDateTime(it.Portal.Now), 1)], it.Portal.Now, default);
        await turn.ReleaseAsync();
    }

    /// <summary>Writes the notice of an endpoint that Portal has switched off.</summary>
    public static async Task WriteStoppedEndpointAsync(Subject it)
    {
        await it.Get<WebhookService>().AddAsync(it.Administrator, DatabaseOperations.Webhook);
        await using (var context = await it.Portal.OpenAsync())
            await context.WebhookEndpoints.ExecuteUpdateAsync(set => set.SetProperty(endpoint => endpoint.DisabledAt, it.Portal.Now).SetProperty(endpoint => endpoint.DisabledReason, "failing"));
        var turn = await TakeTurnAsync(it);
        await it.Get<WebhookWatch>().WriteAsync(turn, it.Portal.Now, default);
        await turn.ReleaseAsync();
        await it.Portal.ExecuteAsync("DELETE FROM WebhookEndpoints");
    }

    /// <summary>Claims a mail.</summary>
    public static async Task<NoticeMail> TakeAsync(Subject it)
    {
        await using (var context = await it.Portal.OpenAsync())
        {
            context.Notices.Add(new Notice
            {
                AccountId = TestPortal.Account, TokenId = it.TokenId, Kind = NoticeKind.Expiring, Key = ExpiryKey.Write(it.TokenId, it.Portal.Now.AddDays(90), 99), At = it.Portal.Now,
                Recipients = { new NoticeRecipient { AccountId = TestPortal.Account, Email = $"{it.Handle}@example.com", DueAt = it.Portal.Now } },
            });
            await context.SaveChangesAsync();
        }

        return (await it.Get<NoticeQueue>().TakeAsync(TestPortal.Account, it.Portal.Now, default))!;
    }

    /// <summary>Claims a mail about a request.</summary>
    public static async Task<NoticeMail> TakeRequestAsync(Subject it)
    {
        var id = await it.RequestAsync();
        await using (var context = await it.Portal.OpenAsync())
        {
            context.Notices.Add(new Notice
            {
                AccountId = TestPortal.Account, Kind = NoticeKind.ApprovalRequested, Key = $"approval:{id}:requested", At = it.Portal.Now,
                Recipients = { new NoticeRecipient { AccountId = TestPortal.Account, Email = $"{it.Handle}@example.com", DueAt = it.Portal.Now } },
            });
            await context.SaveChangesAsync();
        }

        return (await it.Get<NoticeQueue>().TakeAsync(TestPortal.Account, it.Portal.Now, default))!;
    }

    public static async Task<NoticeTurn> TakeTurnAsync(Subject it) =>
        (await it.Get<NoticeTurns>().TryTakeAsync(TestPortal.Account, await it.Get<NoticeTurns>().ReadAsync(TestPortal.Account, default), default))!;
}
