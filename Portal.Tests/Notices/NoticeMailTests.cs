using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MimeKit;
using Portal.Data;
using Portal.Notices;
using Portal.Tests.Support;

namespace Portal.Tests.Notices;

/// <summary>Who gets which mails when, and what is in them.</summary>
public sealed class NoticeMailTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Mail_OneToken_SaysWhatWhenAndWhoUsesIt()
    {
        await using var it = await NoticePortal.CreateAsync();
        var handle = await it.AddTokenAsync(40, "Nightly <report>");
        await it.ChangeAsync(handle, token => (token.LastUsedAt, token.LastUsedAddress, token.LastUsedClient) = (it.Portal.Now.AddDays(9), "192.0.2.7", "reporter/1.2"));
        await it.RunAfterAsync(10);

        var mail = Assert.Single(it.Mails);
        Assert.Equal(("Nightly <report> expires in 30 days", "ada@example.com"), (mail.Subject, mail.To.Mailboxes.Single().Address));
        Assert.Contains("expires on Feb 24, 2030, 12:00", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("(UTC)", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains($"https://portal.example.com/team/tokens/{handle}?do=renew", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains($"https://portal.example.com/team/tokens/{handle}/not-mine", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("from 192.0.2.7", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("reporter/1.2", mail.TextBody, StringComparison.Ordinal);
        Assert.Matches("Fingerprint: …[0-9a-f]{4}", mail.TextBody!);
        Assert.Contains("because you are the contact", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("Nightly &lt;report&gt;", mail.HtmlBody, StringComparison.Ordinal);
        Assert.Equal("auto-generated", mail.Headers["Auto-Submitted"]);
        // Someone without a sign-in can't choose.
        Assert.Null(mail.Headers[HeaderId.ListUnsubscribe]);
        Assert.DoesNotContain("profile", mail.TextBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mail_ToAUser_IsInTheirLanguageAndTimeZone()
    {
        await using var it = await NoticePortal.CreateAsync();
        await using (var context = await it.Portal.OpenAsync())
        {
            var user = await context.Users.SingleAsync(user => user.Id == it.Portal.Operator.Id, Cancellation);
            (user.Language, user.TimeZone) = ("de", "Europe/Berlin");
            await context.SaveChangesAsync(Cancellation);
        }

        await it.AddTokenAsync(40, contact: "USER-operator@example.com");
        await it.RunAfterAsync(10);
        var mail = Assert.Single(it.Mails);
        Assert.Equal("Nightly report läuft in 30 Tagen ab", mail.Subject);
        Assert.Contains("24. Feb. 2030, 13:00 (Europe/Berlin)", mail.TextBody, StringComparison.Ordinal);
        Assert.Equal("<https://portal.example.com/team/profile#notices>", mail.Headers[HeaderId.ListUnsubscribe]);
    }

    [Theory]
    [InlineData("nobody", "user-Administrator@example.com")]
    [InlineData("contact", "ada@example.com")]
    [InlineData("contact and owner", "ada@example.com, user-Operator@example.com")]
    [InlineData("contact who is the owner", "user-Operator@example.com")]
    [InlineData("disabled owner", "user-Administrator@example.com")]
    [InlineData("administrator of all", "ada@example.com, user-Administrator@example.com")]
    [InlineData("muted", "")]
    public async Task Readers_OfAToken_AreContactAndOwnerElseAdministrators(string kind, string readers)
    {
        await using var it = await NoticePortal.CreateAsync();
        var owner = it.Portal.Operator.Id;
        var handle = await it.AddTokenAsync(40, contact: kind switch { "nobody" or "disabled owner" or "muted" => null, "contact who is the owner" => "user-operator@example.com", _ => "ada@example.com" });
        await using (var context = await it.Portal.OpenAsync())
        {
            var user = await context.Users.SingleAsync(user => user.Id == owner, Cancellation);
            if (kind is "contact and owner" or "contact who is the owner" or "disabled owner" or "muted")
            {
                context.TokenOwners.Add(new TokenOwner { Id = 7, AccountId = TestPortal.Account, UserId = owner, Name = "An owner" });
                (await context.Tokens.SingleAsync(token => token.Handle == handle, Cancellation)).OwnerId = 7;
            }

            if (kind == "disabled owner")
                user.LockoutEnd = DateTimeOffset.MaxValue;
            if (kind == "muted")
                context.NoticeSettings.Add(new NoticeSettings { UserId = owner, Muted = NoticeKind.Expiring });
            if (kind == "administrator of all")
                context.NoticeSettings.Add(new NoticeSettings { UserId = it.Portal.Administrator.Id, AllTokens = true });
            await context.SaveChangesAsync(Cancellation);
        }

        await it.RunAfterAsync(10);
        Assert.Equal(readers, string.Join(", ", it.Mails.Select(mail => mail.To.Mailboxes.Single().Address).Order(StringComparer.Ordinal)));
        Assert.Single(await it.NoticesAsync());
    }

    /// <summary>What ends within a day can't wait for a digest.</summary>
    [Fact]
    public async Task Digest_OfADay_HoldsBackWhatIsNotUrgent()
    {
        await using var it = await NoticePortal.CreateAsync();
        await using (var context = await it.Portal.OpenAsync())
        {
            context.NoticeSettings.Add(new NoticeSettings { UserId = it.Portal.Operator.Id, Digest = NoticeDigest.Daily });
            await context.SaveChangesAsync(Cancellation);
        }

        await it.AddTokenAsync(40, "First", "user-Operator@example.com");
        await it.AddTokenAsync(40, "Second", "user-Operator@example.com");
        await it.RunAfterAsync(10);
        Assert.Empty(it.Mails);
        await it.RunAfterAsync(TimeSpan.FromHours(20));
        Assert.Equal("2 notices about your API tokens", Assert.Single(it.Mails).Subject);
        await it.RunAfterAsync(TimeSpan.FromDays(28) + TimeSpan.FromHours(5));
        Assert.Contains("Second expires tomorrow", it.Mails[^1].TextBody, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(NoticeDigest.Daily, "2030-01-15T12:00", "2030-01-16T07:00")]
    [InlineData(NoticeDigest.Weekly, "2030-01-15T12:00", "2030-01-21T07:00")]
    [InlineData(NoticeDigest.Daily, "2030-03-30T12:00", "2030-03-31T06:00")] // Summer time begins in the night.
    [InlineData(NoticeDigest.Daily, "2030-10-26T12:00", "2030-10-27T07:00")] // It ends.
    [InlineData(NoticeDigest.Daily, "2032-02-28T12:00", "2032-02-29T07:00")] // A leap day.
    [InlineData(NoticeDigest.Daily, "2030-01-15T06:59", "2030-01-15T07:00")]
    public void DigestTime_InBerlin_IsEightInTheMorning(NoticeDigest digest, string now, string due)
    {
        static DateTime Utc(string text) => DateTime.Parse(text + "Z", System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AdjustToUniversal);
        Assert.Equal(Utc(due), DigestTime.Next(digest, TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"), Utc(now)));
    }

    [Fact]
    public async Task Mail_TokenRenewedMeanwhile_IsNotSent()
    {
        await using var it = await NoticePortal.CreateAsync();
        await using (var context = await it.Portal.OpenAsync())
        {
            context.NoticeSettings.Add(new NoticeSettings { UserId = it.Portal.Operator.Id, Digest = NoticeDigest.Weekly });
            await context.SaveChangesAsync(Cancellation);
        }

        var handle = await it.AddTokenAsync(40, contact: "user-Operator@example.com");
        await it.RunAfterAsync(10);
        await it.Portal.Tokens.RenewAsync(it.Portal.Operator, handle, it.Portal.Now.AddDays(300), cancellation: Cancellation);
        await it.RunAfterAsync(8);
        Assert.Empty(it.Mails);
        Assert.NotNull((await it.NoticesAsync()).Single().Recipients.Single().EndedAt);
    }

    [Fact]
    public async Task Summary_OfManyTokens_CountsThemAndListsTheFirst()
    {
        await using var it = await NoticePortal.CreateAsync();
        for (var token = 0; token < 60; token++)
            await it.AddTokenAsync(40 + (token % 7), $"Token {token}");
        await it.RunAfterAsync(20);
        var mail = Assert.Single(it.Mails);
        Assert.Equal("60 notices about your API tokens", mail.Subject);
        Assert.Contains("The list shows the first 50 of 60.", mail.TextBody, StringComparison.Ordinal);
        Assert.Equal(50, mail.TextBody!.Split("\n- ").Length - 1);
        Assert.True(mail.TextBody.Split("\n- ")[1].Contains("in 20 days", StringComparison.Ordinal));
        Assert.Contains("https://portal.example.com/team/tokens?expiring=1", mail.TextBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_ThatFails_GetsAllInOneMailWhenItWorksAgain()
    {
        await using var it = await NoticePortal.CreateAsync();
        await it.Server.DisposeAsync();
        await it.AddTokenAsync(40, "First");
        await it.AddTokenAsync(45, "Second");
        await it.RunAfterAsync(10);
        var status = it.Portal.Services.GetRequiredService<NoticeMailStatus>();
        Assert.Contains("Connection refused", status.Reason, StringComparison.Ordinal);
        Assert.Contains("Connection refused", (await it.NoticesAsync()).Single().Recipients.Single().Error, StringComparison.Ordinal);
        await it.RunAfterAsync(5);

        await using var again = TestMailServer.Start(port: it.Server.Port);
        await it.RunAfterAsync(TimeSpan.FromSeconds(30));
        Assert.Empty(again.Mails); // Portal waits longer after each failure.
        await it.RunAfterAsync(TimeSpan.FromMinutes(15));
        Assert.Equal("2 notices about your API tokens", Assert.Single(again.Mails).Subject);
        Assert.Null(status.Reason);
    }

    /// <summary>The others get theirs.</summary>
    [Fact]
    public async Task Reader_WhomTheServerRefuses_IsTriedAgainAndGivenUp()
    {
        await using var it = await NoticePortal.CreateAsync();
        await it.AddTokenAsync(40, "First", "refused@example.com");
        await it.AddTokenAsync(40, "Second", "zoe@example.com");
        await it.RunAfterAsync(10);
        Assert.Equal("zoe@example.com", Assert.Single(it.Mails).To.Mailboxes.Single().Address);
        for (var attempt = 1; attempt < NoticeQueue.MostAttempts; attempt++)
            await it.RunAfterAsync(NoticeQueue.PauseAfter(attempt));
        var row = (await it.NoticesAsync()).SelectMany(notice => notice.Recipients).Single(row => row.Email == "refused@example.com");
        Assert.Equal(NoticeQueue.MostAttempts, row.Attempts);
        Assert.NotNull(row.EndedAt);
        Assert.Contains("the server answers 5", row.Error, StringComparison.Ordinal);
        Assert.Null(it.Portal.Services.GetRequiredService<NoticeMailStatus>().Reason);
    }

    [Fact]
    public async Task Server_WithoutStartTls_IsReported()
    {
        await using var it = await NoticePortal.CreateAsync(new() { ["Mail:Security"] = "StartTls" });
        await it.AddTokenAsync(40);
        await it.RunAfterAsync(10);
        Assert.Equal("the server doesn't support STARTTLS", it.Portal.Services.GetRequiredService<NoticeMailStatus>().Reason);
        Assert.Empty(it.Mails);
    }

    [Fact]
    public async Task Run_WithoutMailServer_WritesNoticesOnly()
    {
        await using var it = await NoticePortal.CreateAsync(new() { ["Mail:Host"] = "" });
        await it.AddTokenAsync(40);
        await it.RunAfterAsync(10);
        Assert.Empty((await it.NoticesAsync()).Single().Recipients);
    }
}
