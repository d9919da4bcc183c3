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
        var result = await TrySendAsync(message, cancellation);
        if (result.Reason is { } reason)
            LogFailed(message.To, reason);
        return result.Delivery;
    }

    /// <summary>Sends a mail for which someone else keeps trying. A failure isn't logged.</summary>
    public async Task<MailResult> TrySendAsync(MailMessage message, CancellationToken cancellation = default)
    {
        if (!IsOn)
            return new MailResult(MailDelivery.Off);
        var began = false;
        try
        {
            var mail = Compose(message);
            await TalkAsync(
                (client, patience) =>
                {
                    began = true;
                    return client.SendAsync(mail, patience);
                }, cancellation);
            return new MailResult(MailDelivery.Sent);
        }
        catch (Exception exception) when (Describe(exception) is { } reason && !cancellation.IsCancellationRequested)
        {
            var refused = exception is SmtpCommandException { StatusCode: not (SmtpStatusCode.ServiceNotAvailable or SmtpStatusCode.AuthenticationRequired) };
            return new MailResult(MailDelivery.Failed, reason, IsServerFault: !refused, MayHaveArrived: began && exception is not SmtpCommandException);
        }
    }

    /// <summary>Connects and signs in to the server, and sends nothing.</summary>
    /// <returns>Why it fails; null: the server is ready.</returns>
    public async Task<string?> CheckAsync(CancellationToken cancellation = default)
    {
        try
        {
            await TalkAsync((client, patience) => client.NoOpAsync(patience), cancellation);
            return null;
        }
        catch (Exception exception) when (Describe(exception) is { } reason && !cancellation.IsCancellationRequested)
        {
            return reason;
        }
    }

    private async Task TalkAsync(Func<SmtpClient, CancellationToken, Task> talk, CancellationToken cancellation)
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
        await talk(client, patience.Token);
        await client.DisconnectAsync(quit: true, patience.Token);
    }

    /// <summary>Reads the file each time, because the password may be replaced while Portal runs.</summary>
    private static async Task<string> PasswordAsync(MailOptions settings, CancellationToken cancellation) =>
        settings.PasswordFile is { Length: > 0 } file ? (await File.ReadAllTextAsync(file, cancellation)).TrimEnd('\r', '\n') : settings.Password ?? "";

    private MimeMessage Compose(MailMessage message)
    {
        var from = MailboxAddress.Parse(options.Value.From!);
        var mail = new MimeMessage
        {
            Subject = message.Subject, Date = clock.GetUtcNow(), MessageId = message.Key is { } key ? $"{key}@{from.Domain}" : MimeUtils.GenerateMessageId(from.Domain),
        };
        mail.From.Add(from);
        mail.To.Add(new MailboxAddress("", message.To));
        // So that an absence notice doesn't answer.
        mail.Headers.Add("Auto-Submitted", "auto-generated");
        mail.Headers.Add("X-Auto-Response-Suppress", "All");
        var body = new MailBody(message, new Uri(options.Value.PortalUrl!.TrimEnd('/') + "/"));
        if (message.Settings is { } settings)
            mail.Headers.Add(HeaderId.ListUnsubscribe, $"<{body.AddressOf(settings.LinkPath)}>");
        mail.Body = new BodyBuilder { TextBody = body.Text, HtmlBody = body.Html }.ToMessageBody();
        return mail;
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
