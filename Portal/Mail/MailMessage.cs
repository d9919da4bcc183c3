namespace Portal.Mail;

/// <summary>A mail with one link, in the language of the reader. Portal sends it as plain text and as HTML.</summary>
/// <param name="To">The email address of the reader.</param>
/// <param name="Paragraphs">Plain text, before the link.</param>
/// <param name="LinkPath">The link, relative to <see cref="MailOptions.PortalUrl"/>. It may contain a secret.</param>
public sealed record MailMessage(string To, string Subject, IReadOnlyList<string> Paragraphs, string LinkText, string LinkPath)
{
    /// <summary>Plain text after the link.</summary>
    public IReadOnlyList<string> Closing { get; init; } = [];

    /// <summary>Omits the link, which must not appear in logs.</summary>
    public override string ToString() => nameof(MailMessage);
}

/// <summary>The result of an attempt to send a mail.</summary>
public enum MailDelivery
{
    /// <summary>No mail server is configured.</summary>
    Off,

    /// <summary>The server has accepted the mail. It may still not arrive.</summary>
    Sent,

    /// <summary>The server can't be reached, or refuses the mail. The log says why.</summary>
    Failed,
}
