using Portal.Mail;

namespace Portal.Notices;

/// <summary>Mails what waits in the <see cref="NoticeQueue"/>.</summary>
internal sealed partial class NoticeMailer(NoticeQueue queue, NoticeMails mails, MailSender sender, NoticeMailStatus status, NoticeMetrics metrics, TimeProvider clock, ILogger<NoticeMailer> logger)
{
    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <summary>Whether a mail is due and the server isn't known to refuse everything.</summary>
    public async Task<bool> IsDueAsync(string accountId, CancellationToken cancellation) =>
        sender.IsOn && status.MayTry(Now) && await queue.IsDueAsync(accountId, Now, cancellation);

    /// <summary>Sends all mails that are due, until the server refuses to take any.</summary>
    public async Task SendAsync(NoticeTurn turn, CancellationToken cancellation)
    {
        while (sender.IsOn && status.MayTry(Now) && await queue.TakeAsync(turn.AccountId, Now, cancellation) is { } mail)
        {
            await turn.ExtendAsync(cancellation);
            if (!await SendAsync(mail, turn.AccountId, cancellation))
                return;
        }
    }

    /// <returns>Whether the server takes mail.</returns>
    private async Task<bool> SendAsync(NoticeMail mail, string accountId, CancellationToken cancellation)
    {
        if (await mails.ComposeAsync(mail, accountId, cancellation) is not { } message)
        {
            await queue.EndAsync(mail, Now, "There was nothing to tell anymore.", cancellation);
            return true;
        }

        var result = await sender.TrySendAsync(message, cancellation);
        metrics.Sent(result);
        if (result.Reason is not { } reason)
        {
            if (status.Succeeded())
                LogRecovered();
            await queue.EndAsync(mail, Now, null, cancellation);
            return true;
        }

        if (result.IsServerFault)
        {
            if (status.Failed(reason, Now))
                LogServerFailed(reason);
            await queue.ReturnAsync(mail, Now, reason, result.MayHaveArrived, cancellation);
            return false;
        }

        // The server answered, so it works.
        if (status.Succeeded())
            LogRecovered();
        if (await queue.PostponeAsync(mail, Now, reason, cancellation))
            LogGivenUp(mail.Email, NoticeQueue.MostAttempts, reason);
        return true;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Notices can't be mailed: {Reason}. They wait, and Portal tries again. Check the settings under Mail with: Portal doctor")]
    private partial void LogServerFailed(string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The mail server accepts notices again")]
    private partial void LogRecovered();

    [LoggerMessage(Level = LogLevel.Error, Message = "A notice to {Email} was refused {Attempts} times, and Portal has given up: {Reason}")]
    private partial void LogGivenUp(string email, int attempts, string reason);
}
