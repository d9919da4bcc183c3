using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MimeKit;
using Portal.Mail;
using Portal.Tests.Support;

namespace Portal.Tests.Mail;

/// <summary>Conversations with a real mail server.</summary>
public sealed class MailSenderTests : IDisposable
{
    private static readonly MailMessage Message = new("ada@example.com", "A subject with ä", ["Hello <Ada> & co."], "Open it", "join#the-code") { Closing = ["The end."] };

    private readonly LogRecorder _log = new();

    public void Dispose() => _log.Dispose();

    [Fact]
    public async Task Send_Mail_ArrivesAsTextAndHtml()
    {
        await using var server = TestMailServer.Start();

        Assert.Equal(MailDelivery.Sent, await SenderFor(server.Settings).SendAsync(Message, TestContext.Current.CancellationToken));

        var mail = await server.ReceiveAsync();
        Assert.Equal(("A subject with ä", "Portal", "portal@example.com", "ada@example.com"), (mail.Subject, mail.From.Mailboxes.Single().Name, mail.From.Mailboxes.Single().Address, mail.To.Mailboxes.Single().Address));
        Assert.Equal("Hello <Ada> & co.\n\nhttps://portal.example.com/team/join#the-code\n\nThe end.\n", mail.TextBody!.ReplaceLineEndings("\n"));
        Assert.Contains("Hello &lt;Ada&gt; &amp; co.", mail.HtmlBody, StringComparison.Ordinal);
        Assert.Contains("<a href=\"https://portal.example.com/team/join#the-code\"", mail.HtmlBody, StringComparison.Ordinal);
        Assert.Equal("auto-generated", mail.Headers["Auto-Submitted"]);
        Assert.EndsWith("@example.com", mail.MessageId, StringComparison.Ordinal);
        Assert.Empty(_log.Text);
    }

    [Fact]
    public async Task Send_WithUserAndPasswordFile_IsAccepted()
    {
        await using var server = TestMailServer.Start(asksForPassword: true);
        using var folder = new TemporaryDirectory();
        var file = Path.Combine(folder.Path, "password");
        await File.WriteAllTextAsync(file, TestMailServer.Password + "\n", TestContext.Current.CancellationToken);
        var settings = server.Settings;
        (settings["Mail:User"], settings["Mail:PasswordFile"]) = (TestMailServer.User, file);

        Assert.Equal(MailDelivery.Sent, await SenderFor(settings).SendAsync(Message, TestContext.Current.CancellationToken));
    }

    /// <summary>The log and the command <c>doctor</c> say why, and never contain the link.</summary>
    [Theory]
    [InlineData("recipient", "the server answers 5")]
    [InlineData("password", "the server refuses the user name or the password")]
    [InlineData("no TLS", "the server doesn't support STARTTLS")]
    [InlineData("untrusted", "the certificate of the server isn't valid for its name, or isn't trusted")]
    [InlineData("no server", "Connection refused")]
    public async Task Send_Fault_IsLoggedWithItsReason(string fault, string reason)
    {
        await using var server = TestMailServer.Start(asksForPassword: fault == "password", offersTls: fault == "untrusted");
        var settings = server.Settings;
        if (fault is "no TLS" or "untrusted")
            settings["Mail:Security"] = "StartTls";
        if (fault == "password")
            (settings["Mail:User"], settings["Mail:Password"]) = (TestMailServer.User, "wrong-secret");
        if (fault == "no server")
            await server.DisposeAsync();

        var sender = SenderFor(settings);
        Assert.Equal(MailDelivery.Failed, await sender.SendAsync(fault == "recipient" ? Message with { To = "refused@example.com" } : Message, TestContext.Current.CancellationToken));

        Assert.Contains(reason, _log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("the-code", _log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-secret", _log.Text, StringComparison.Ordinal);
        if (fault != "recipient")
            Assert.Contains(reason, await sender.CheckAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_WorkingServer_FindsNothingAndSendsNothing()
    {
        await using var server = TestMailServer.Start();
        Assert.Null(await SenderFor(server.Settings).CheckAsync(TestContext.Current.CancellationToken));
        Assert.Empty(server.Mails);
    }

    [Fact]
    public async Task Send_WithoutServer_IsOff() =>
        Assert.Equal(MailDelivery.Off, await SenderFor([]).SendAsync(Message, TestContext.Current.CancellationToken));

    /// <summary>A line feed in a name must not become a header.</summary>
    [Fact]
    public async Task Send_LineFeedsInTheSubject_AddNoHeader()
    {
        await using var server = TestMailServer.Start();
        await SenderFor(server.Settings).SendAsync(Message with { Subject = "a\r\nBcc: eve@example.com\r\n\r\nb" }, TestContext.Current.CancellationToken);
        var mail = await server.ReceiveAsync();
        Assert.DoesNotContain(mail.Headers, header => header.Id == HeaderId.Bcc);
        Assert.Equal(["ada@example.com"], mail.To.Mailboxes.Select(box => box.Address));
        Assert.StartsWith("Hello", mail.TextBody, StringComparison.Ordinal);
    }

    private MailSender SenderFor(Dictionary<string, string?> settings)
    {
        var options = new ConfigurationBuilder().AddInMemoryCollection(settings).Build().GetSection(MailOptions.Section).Get<MailOptions>() ?? new MailOptions();
        return new MailSender(Options.Create(options), TimeProvider.System, new LoggerFactory([_log]).CreateLogger<MailSender>());
    }
}
