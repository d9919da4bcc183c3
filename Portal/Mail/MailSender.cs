using System.Net;
using System.Net.Sockets;
using System.Text;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Options;
using MimeKit;
using MimeKit.Utils;

namespace Portal.Mail;

/// <summary>Sends mails to the configured server, one connection for each.</summary>
public sealed partial class MailSender(IOptions<MailOptions> options, TimeProvider clock, ILogger<MailSender> logger)
{
    /// <summary>The longest time for the whole conversation with the server.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(15);

    /// <summary>Whether a mail server is configured.</summary>
    public bool IsOn => options.Value.IsOn;

    /// <summary>Sends a mail. A failure is logged, without the content.</summary>
    public async Task<MailDelivery> SendAsync(MailMessage message, CancellationToken cancellation = default)
    {
        if (!IsOn)
            return MailDelivery.Off;
        try
        {
            var mail = Compose(message);
            await TalkAsync(client => client.SendAsync(mail, cancellation), cancellation);
            return MailDelivery.Sent;
        }
        catch (Exception exception) when (Describe(exception) is { } reason && !cancellation.IsCancellationRequested)
        {
            LogFailed(message.To, reason);
            return MailDelivery.Failed;
        }
    }

    /// <summary>Connects and signs in to the server, and sends nothing.</summary>
    /// <returns>Why it fails; null: the server is ready.</returns>
    public async Task<string?> CheckAsync(CancellationToken cancellation = default)
    {
        try
        {
            await TalkAsync(client => client.NoOpAsync(cancellation), cancellation);
            return null;
        }
        catch (Exception exception) when (Describe(exception) is { } reason && !cancellation.IsCancellationRequested)
        {
            return reason;
        }
    }

    private async Task TalkAsync(Func<SmtpClient, Task> talk, CancellationToken cancellation)
    {
        var settings = options.Value;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Longest);
        using var client = new SmtpClient { LocalDomain = "localhost", Timeout = (int)Longest.TotalMilliseconds, CheckCertificateRevocation = false };
        await client.ConnectAsync(settings.Host!, settings.Port, settings.Security switch
        {
            MailSecurity.Tls => SecureSocketOptions.SslOnConnect,
            MailSecurity.None => SecureSocketOptions.None,
            _ => SecureSocketOptions.StartTls,
        }, patience.Token);
        if (settings.User is { Length: > 0 } user)
            await client.AuthenticateAsync(Encoding.UTF8, new NetworkCredential(user, await PasswordAsync(settings, patience.Token)), patience.Token);
        await talk(client);
        await client.DisconnectAsync(quit: true, patience.Token);
    }

    /// <summary>Reads the file each time, because the password may be replaced while Portal runs.</summary>
    private static async Task<string> PasswordAsync(MailOptions settings, CancellationToken cancellation) =>
        settings.PasswordFile is { Length: > 0 } file ? (await File.ReadAllTextAsync(file, cancellation)).TrimEnd('\r', '\n') : settings.Password ?? "";

    private MimeMessage Compose(MailMessage message)
    {
        var from = MailboxAddress.Parse(options.Value.From!);
        var link = new Uri(new Uri(options.Value.PortalUrl!.TrimEnd('/') + "/"), message.LinkPath).AbsoluteUri;
        var mail = new MimeMessage { Subject = message.Subject, Date = clock.GetUtcNow(), MessageId = MimeUtils.GenerateMessageId(from.Domain) };
        mail.From.Add(from);
        mail.To.Add(new MailboxAddress("", message.To));
        // So that an absence notice doesn't answer.
        mail.Headers.Add("Auto-Submitted", "auto-generated");
        mail.Headers.Add("X-Auto-Response-Suppress", "All");
        mail.Body = new BodyBuilder
        {
            TextBody = string.Join("\r\n\r\n", [.. message.Paragraphs, link, .. message.Closing]) + "\r\n",
            HtmlBody = Html(message, link),
        }.ToMessageBody();
        return mail;
    }

    /// <summary>Mail programs understand only simple HTML with styles in the elements.</summary>
    private static string Html(MailMessage message, string link)
    {
        static string Paragraph(string text) => $"<p style=\"margin:0 0 16px\">{WebUtility.HtmlEncode(text)}</p>";
        var address = WebUtility.HtmlEncode(link);
        return $"""
            <!DOCTYPE html>
            <html><head><meta charset="utf-8"><title>{WebUtility.HtmlEncode(message.Subject)}</title></head>
            <body style="margin:0;padding:24px;font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;font-size:16px;line-height:1.5;color:#16202e;background:#ffffff">
            <div style="max-width:560px">
            {string.Concat(message.Paragraphs.Select(Paragraph))}
            <p style="margin:0 0 16px"><a href="{address}" style="display:inline-block;padding:10px 20px;border-radius:8px;background:#1f4fd1;color:#ffffff;font-weight:600;text-decoration:none">{WebUtility.HtmlEncode(message.LinkText)}</a></p>
            <p style="margin:0 0 16px;font-size:14px;overflow-wrap:anywhere;color:#4f5b6b">{address}</p>
            {string.Concat(message.Closing.Select(Paragraph))}
            </div></body></html>
            """;
    }

    /// <returns>Null for a fault of Portal's own.</returns>
    private string? Describe(Exception exception) => exception switch
    {
        SslHandshakeException => "the certificate of the server isn't valid for its name, or isn't trusted",
        AuthenticationException => "the server refuses the user name or the password",
        SmtpCommandException command => $"the server answers {(int)command.StatusCode} {command.Message}",
        NotSupportedException when options.Value.Security == MailSecurity.StartTls => "the server doesn't support STARTTLS",
        OperationCanceledException => $"the server doesn't answer within {Longest.TotalSeconds:0} seconds",
        SocketException or IOException or ProtocolException or ServiceNotConnectedException or ServiceNotAuthenticatedException or TimeoutException or UnauthorizedAccessException => exception.Message.TrimEnd('.'),
        _ => null,
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "The mail to {To} could not be sent: {Reason}. Check the settings under Mail with: Portal doctor")]
    private partial void LogFailed(string to, string reason);
}
