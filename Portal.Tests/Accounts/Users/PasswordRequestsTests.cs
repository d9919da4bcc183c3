using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MimeKit;
using Portal.Access;
using Portal.Accounts.Users;
using Portal.Audit;
using Portal.Data;
using Portal.Mail;
using Portal.Scim;
using Portal.Tests.Support;

namespace Portal.Tests.Accounts.Users;

/// <summary>Links that Portal mails, with a real mail server.</summary>
public sealed class PasswordRequestsTests
{
    private static readonly IPAddress Client = IPAddress.Parse("192.0.2.7");

    [Fact]
    public async Task Ask_ForAUser_MailsALinkThatWorksOnceWithinAnHour()
    {
        await using var server = TestMailServer.Start();
        await using var portal = await StartAsync(server);

        Assert.Null(await Requests(portal).AskAsync($" {EmailOf(portal.Operator)} ", Client));

        var mail = await server.ReceiveAsync();
        Assert.Equal((EmailOf(portal.Operator), "Set a new password for Portal"), (mail.To.Mailboxes.Single().Address, mail.Subject));
        Assert.Contains("You asked for a new password for Portal.", mail.TextBody, StringComparison.Ordinal);
        Assert.Equal((AuditAction.PasswordLinkRequested, portal.Operator.Id), ((await portal.AuditAsync()).Single() is var entry ? (entry.Action, entry.TargetId) : default));
        Assert.DoesNotContain(CodeIn(mail), (await portal.AuditAsync()).Single().Details ?? "", StringComparison.Ordinal);

        await using var scope = portal.Services.CreateAsyncScope();
        var links = scope.ServiceProvider.GetRequiredService<OneTimeLinkService>();
        portal.Clock.Advance(OneTimeLinks.LifetimeOfRequested - TimeSpan.FromSeconds(1));
        Assert.Equal(portal.Operator.Name, (await links.OpenAsync(OneTimeLinkPurpose.NewPassword, CodeIn(mail), TestContext.Current.CancellationToken))!.Name);
        portal.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await links.OpenAsync(OneTimeLinkPurpose.NewPassword, CodeIn(mail), TestContext.Current.CancellationToken));
    }

    /// <summary>The answer is the same, and nothing is sent. The mail to the last address shows that the others were answered.</summary>
    [Fact]
    public async Task Ask_ForUnknownDisabledManagedOrInvalidAddress_SendsNothing()
    {
        await using var server = TestMailServer.Start();
        await using var portal = await StartAsync(server);
        await portal.Services.GetRequiredService<UserService>().DisableAsync(portal.Administrator, portal.Viewer.Id, TestContext.Current.CancellationToken);

        var managed = await portal.Services.GetRequiredService<ScimUserService>().CreateAsync(
            ScimActor.Of(TestPortal.Account), new ScimUserInput("ada@example.com", null, null, null, null, null, null), TestContext.Current.CancellationToken);
        await portal.Services.GetRequiredService<UserService>().ChangeRoleAsync(portal.Administrator, managed.Id, Role.Viewer, TestContext.Current.CancellationToken);

        foreach (var (i, email) in new[] { "nobody@example.com", managed.Email, EmailOf(portal.Viewer), "", null, new string('a', 300), "\uFFFE@example.com" }.Index())
            Assert.Null(await Requests(portal).AskAsync(email, IPAddress.Parse($"192.0.2.{100 + i}")));
        await Requests(portal).AskAsync(EmailOf(portal.Operator), Client);

        Assert.Equal(EmailOf(portal.Operator), (await server.ReceiveAsync()).To.Mailboxes.Single().Address);
        Assert.Single(server.Mails);
    }

    [Fact]
    public async Task Ask_TooOften_IsRefusedForTheAddressAndForTheClient()
    {
        await using var portal = await TestPortal.CreateAsync();
        for (var i = 0; i < 5; i++)
            Assert.Null(await Requests(portal).AskAsync("one@example.com", IPAddress.Parse($"192.0.2.{i}")));
        Assert.NotNull(await Requests(portal).AskAsync("ONE@example.com", IPAddress.Parse("192.0.2.99")));
        for (var i = 0; i < 5; i++)
            Assert.Null(await Requests(portal).AskAsync($"{i}@example.com", IPAddress.Parse("2001:db8::1")));
        Assert.NotNull(await Requests(portal).AskAsync("another@example.com", IPAddress.Parse("2001:db8::ffff")));
    }

    [Fact]
    public async Task Ask_InTheLanguageOfTheUser_MailsInThisLanguage()
    {
        await using var server = TestMailServer.Start();
        await using var portal = await StartAsync(server);
        await using (var context = await portal.OpenAsync())
            await context.Users.Where(user => user.Id == portal.Operator.Id).ExecuteUpdateAsync(set => set.SetProperty(user => user.Language, "de"), TestContext.Current.CancellationToken);
        await Requests(portal).AskAsync(EmailOf(portal.Operator), Client);
        Assert.Equal("Neues Kennwort für Portal festlegen", (await server.ReceiveAsync()).Subject);
    }

    [Fact]
    public async Task Invite_WithMailServer_MailsTheLink()
    {
        await using var server = TestMailServer.Start();
        await using var portal = await StartAsync(server);

        var done = Assert.IsType<UserOutcome.Done>(await Invitations(portal).InviteAsync(portal.Administrator, "lea@example.com", Role.Viewer, TestContext.Current.CancellationToken));

        Assert.Equal(MailDelivery.Sent, done.Link!.Mailed);
        var mail = await server.ReceiveAsync();
        Assert.Equal(("lea@example.com", "Your invitation to Portal", done.Link.Code), (mail.To.Mailboxes.Single().Address, mail.Subject, CodeIn(mail)));
        Assert.StartsWith($"{portal.Administrator.Name} invites you to Portal", mail.TextBody, StringComparison.Ordinal);
    }

    /// <summary>The administrator still has the link, and can send it.</summary>
    [Fact]
    public async Task Invite_MailServerRefuses_ReturnsTheLinkAndSaysSo()
    {
        await using var server = TestMailServer.Start();
        await using var portal = await StartAsync(server);
        var done = Assert.IsType<UserOutcome.Done>(await Invitations(portal).InviteAsync(portal.Administrator, "refused@example.com", Role.Viewer, TestContext.Current.CancellationToken));
        Assert.Equal(MailDelivery.Failed, done.Link!.Mailed);
        Assert.NotEmpty(done.Link.Code);
    }

    [Fact]
    public async Task Reset_ByAnAdministrator_MailsTheLink()
    {
        await using var server = TestMailServer.Start();
        await using var portal = await StartAsync(server);
        await portal.Services.GetRequiredService<UserService>().ResetPasswordAsync(portal.Administrator, portal.Operator.Id, TestContext.Current.CancellationToken);
        Assert.StartsWith($"{portal.Administrator.Name} has ended your password for Portal.", (await server.ReceiveAsync()).TextBody, StringComparison.Ordinal);
    }

    private static async Task<TestPortal> StartAsync(TestMailServer server)
    {
        var portal = await TestPortal.CreateAsync(settings: server.Settings);
        await Requests(portal).StartAsync(TestContext.Current.CancellationToken);
        return portal;
    }

    private static PasswordRequests Requests(TestPortal portal) => portal.Services.GetRequiredService<PasswordRequests>();

    private static InvitationService Invitations(TestPortal portal) => portal.Services.GetRequiredService<InvitationService>();

    private static string EmailOf(Actor actor) => $"{actor.Id}@example.com";

    private static string CodeIn(MimeMessage mail) => mail.TextBody!.Split('#')[1].Split('\r', '\n')[0];
}
