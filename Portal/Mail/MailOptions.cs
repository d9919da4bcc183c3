namespace Portal.Mail;

/// <summary>How the connection to the mail server is encrypted.</summary>
public enum MailSecurity
{
    /// <summary>The connection begins in plain text, and STARTTLS is required before anything else is sent.</summary>
    StartTls,

    /// <summary>The connection is encrypted from the beginning, usually on port 465.</summary>
    Tls,

    /// <summary>Not encrypted. Only for a server on the same machine.</summary>
    None,
}

/// <summary>The settings of the mail server. Without <see cref="Host"/>, Portal sends no mail.</summary>
public sealed class MailOptions
{
    public const string Section = "Mail";

    public string? Host { get; set; }

    public int Port { get; set; } = 587;

    public MailSecurity Security { get; set; }

    /// <summary>The user name for the server; null: it needs none.</summary>
    public string? User { get; set; }

    public string? Password { get; set; }

    /// <summary>A file that contains the password, such as a container secret.</summary>
    public string? PasswordFile { get; set; }

    /// <summary>The sender, such as <c>Portal &lt;portal@example.com&gt;</c>.</summary>
    public string? From { get; set; }

    /// <summary>The address of Portal in links, such as <c>https://portal.example.com/</c>. The address of a request isn't used, because clients
    /// choose it.</summary>
    public string? PortalUrl { get; set; }

    /// <summary>Whether Portal can send mail.</summary>
    public bool IsOn => !string.IsNullOrEmpty(Host);
}
