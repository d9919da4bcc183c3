namespace Portal.Mail;

/// <summary>A mail with one link, in the language of the reader. Portal sends it as plain text and as HTML.</summary>
/// <param name="To">The email address of the reader.</param>
/// <param name="Paragraphs">Plain text, before the link.</param>
/// <param name="LinkPath">The link, relative to <see cref="MailOptions.PortalUrl"/>. It may contain a secret.</param>
public sealed record MailMessage(string To, string Subject, IReadOnlyList<string> Paragraphs, string LinkText, string LinkPath)
{
    /// <summary>Plain text after the link.</summary>
    public IReadOnlyList<string> Closing { get; init; } = [];

    /// <summary>Facts with their labels, before the link.</summary>
    public IReadOnlyList<MailFact> Facts { get; init; } = [];

    /// <summary>A list of links, before the link.</summary>
    public IReadOnlyList<MailItem> Items { get; init; } = [];

    /// <summary>A second link, for what fewer readers need.</summary>
    public MailItem? OtherLink { get; init; }

    /// <summary>Identifies the mail, so that programs recognize one that arrives twice; null: it is sent only once.</summary>
    public string? Key { get; init; }

    /// <summary>Where the reader chooses which mails they get, relative to <see cref="MailOptions.PortalUrl"/>; null: there is no choice.</summary>
    public MailItem? Settings { get; init; }

    /// <summary>Omits the link, which must not appear in logs.</summary>
    public override string ToString() => nameof(MailMessage);
}

/// <summary>A fact in a mail, such as the expiration of a token.</summary>
public sealed record MailFact(string Label, string Value);

/// <summary>A link in a mail.</summary>
/// <param name="LinkPath">Relative to <see cref="MailOptions.PortalUrl"/>.</param>
/// <param name="Note">Plain text after the link.</param>
public sealed record MailItem(string Text, string LinkPath, string Note = "");

/// <summary>What became of a mail.</summary>
/// <param name="Reason">Why it wasn't sent, for the log; null: it was.</param>
/// <param name="IsServerFault">Whether the server takes no mail at all, so that others would fail as well.</param>
/// <param name="MayHaveArrived">Whether the server may have accepted the mail, although its answer is missing.</param>
public sealed record MailResult(MailDelivery Delivery, string? Reason = null, bool IsServerFault = false, bool MayHaveArrived = false);

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
