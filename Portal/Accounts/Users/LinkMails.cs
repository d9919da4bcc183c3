using Portal.Data;
using Portal.Localization;
using Portal.Mail;

namespace Portal.Accounts.Users;

/// <summary>Mails one-time links to the person that they are for.</summary>
public sealed class LinkMails(MailSender sender)
{
    /// <summary>Whether Portal can send mail.</summary>
    public bool IsOn => sender.IsOn;

    /// <summary>Sends a link.</summary>
    /// <param name="issuer">The name of the user who handed out the link; null: the person asked for it.</param>
    /// <returns>The link with the result.</returns>
    internal async Task<IssuedLink> SendAsync(IssuedLink link, string? issuer, CancellationToken cancellation = default) =>
        sender.IsOn ? link with { Mailed = await sender.SendAsync(Compose(link, issuer), cancellation) } : link;

    private static MailMessage Compose(IssuedLink link, string? issuer)
    {
        var until = Texts.UnsavedDraftFields_Moment.With(ReaderDate.Write(DateOnly.FromDateTime(link.ExpiresAt)), link.ExpiresAt);
        return link.Purpose == OneTimeLinkPurpose.Invitation
            ? new MailMessage(link.Email, Texts.Mail_InvitationSubject, [Texts.Mail_Invitation.With(issuer ?? ""), Texts.Mail_Once.With(until)], Texts.Mail_InvitationLink, link.Address)
            {
                Closing = [Texts.Mail_InvitationUnexpected],
            }
            : new MailMessage(
                link.Email, Texts.Mail_PasswordSubject, [issuer is null ? Texts.Mail_PasswordAsked : Texts.Mail_PasswordReset.With(issuer), Texts.Mail_Once.With(until)],
                Texts.Mail_PasswordLink, link.Address)
            {
                Closing = [issuer is null ? Texts.Mail_PasswordNotAsked : Texts.Mail_PasswordUnexpected],
            };
    }
}
