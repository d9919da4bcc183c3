using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Data;
using Portal.Notices;
using Portal.Tests.Support;
using Portal.Tests.Tokens.Approvals;

namespace Portal.Tests.Notices;

/// <summary>Who is told about requests for approval, and what.</summary>
public sealed class ApprovalMailTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Request_IsMailedToAdministratorsAndTheDecisionToTheRequester()
    {
        await using var it = await NoticePortal.CreateAsync();
        var other = await it.Portal.AddUserAsync("other", Role.Administrator);
        var muted = await it.Portal.AddUserAsync("muted", Role.Administrator);
        await it.Portal.Services.GetRequiredService<NoticeSettingsService>().SaveAsync(
            muted, new NoticeChoice(NoticeDigest.Daily, new HashSet<string> { NoticeKind.ApprovalRequested }, false), Cancellation);
        var id = await it.Portal.RequestAsync("Invoices <new>");

        await it.RunAfterAsync(TimeSpan.Zero);
        Assert.Equal(["other@example.com", "user-Administrator@example.com"], it.Mails.Select(mail => mail.To.Mailboxes.Single().Address).Order(StringComparer.Ordinal));
        var mail = it.Mails[0];
        Assert.Equal("Approval requested: Invoices <new>", mail.Subject);
        foreach (var text in new[] { "An Operator requests a change", "The policy requires approval for these modules: Billing.", "Note: For the new shop", "Jan 22, 2030, 12:00", $"https://portal.example.com/team/approvals/{id}" })
            Assert.Contains(text, mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("Invoices &lt;new&gt;", mail.HtmlBody, StringComparison.Ordinal);

        await it.Portal.Approvals().DeclineAsync(other, id, "Too much", Cancellation);
        await it.RunAfterAsync(TimeSpan.Zero);
        var decision = Assert.Single(it.Mails.Skip(2));
        Assert.Equal("user-Operator@example.com", decision.To.Mailboxes.Single().Address);
        Assert.Contains("The other declined your request. Nothing was changed.", decision.TextBody, StringComparison.Ordinal);
        Assert.Contains("Comment: Too much", decision.TextBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_DecidedBeforeItIsMailed_NeedsNoMailToAdministrators()
    {
        await using var it = await NoticePortal.CreateAsync();
        await it.Portal.Approvals().WithdrawAsync(it.Portal.Operator, await it.Portal.RequestAsync("One"), Cancellation);
        await it.Portal.RequestAsync("Two");
        await it.Portal.RequestAsync("Three");
        await it.RunAfterAsync(TimeSpan.Zero);
        // The mail with several notices leads to each request.
        var mail = Assert.Single(it.Mails);
        Assert.Equal("2 notices about your API tokens", mail.Subject);
        Assert.Contains("Approval requested: Two", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("/approvals/3", mail.TextBody, StringComparison.Ordinal);
        Assert.DoesNotContain("One", mail.TextBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bell_RequestAndDecision_AreListedForThoseWhomTheyConcern()
    {
        await using var portal = await TestPortal.CreateAsync();
        var list = portal.Services.GetRequiredService<NoticeList>();
        var id = await portal.RequestAsync();
        Assert.Equal($"approvals/{id}", Assert.Single(await list.ReadAsync(portal.Administrator, Cancellation)).Path);
        Assert.Empty(await list.ReadAsync(portal.Operator, Cancellation));
        await portal.Approvals().ApproveAsync(portal.Administrator, id, cancellation: Cancellation);
        Assert.Empty(await list.ReadAsync(portal.Administrator, Cancellation));
        Assert.Equal((NoticeKind.ApprovalDecided, "Invoices"), Assert.Single(await list.ReadAsync(portal.Operator, Cancellation)) is var entry ? (entry.Kind, entry.Name) : default);
        Assert.Empty(await list.ReadAsync(portal.Viewer, Cancellation));
    }
}
