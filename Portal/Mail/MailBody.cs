using System.Net;

namespace Portal.Mail;

/// <summary>Writes the content of a mail as plain text and as HTML.</summary>
/// <param name="portal">The address of Portal, to which links are relative.</param>
internal sealed class MailBody(MailMessage message, Uri portal)
{
    private const string Muted = "font-size:14px;overflow-wrap:anywhere;color:#4f5b6b";

    public string Text => string.Join("\r\n\r\n",
    [
        .. message.Paragraphs,
        .. Block(message.Facts.Select(fact => $"{fact.Label}: {fact.Value}")),
        .. Block(message.Items.Select(item => $"- {item.Text}{Spaced(item.Note)}\r\n  {AddressOf(item.LinkPath)}")),
        message.OtherLink is null ? AddressOf(message.LinkPath) : $"{message.LinkText}:\r\n{AddressOf(message.LinkPath)}",
        .. message.OtherLink is { } other ? [$"{other.Text}:\r\n{AddressOf(other.LinkPath)}"] : Array.Empty<string>(),
        .. message.Closing,
        .. message.Settings is { } settings ? [$"{settings.Text}:\r\n{AddressOf(settings.LinkPath)}"] : Array.Empty<string>(),
    ]) + "\r\n";

    /// <summary>Mail programs understand only simple HTML with styles in the elements.</summary>
    public string Html => $"""
        <!DOCTYPE html>
        <html><head><meta charset="utf-8"><title>{Encode(message.Subject)}</title></head>
        <body style="margin:0;padding:24px;font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;font-size:16px;line-height:1.5;color:#16202e;background:#ffffff">
        <div style="max-width:560px">
        {string.Concat(message.Paragraphs.Select(Paragraph))}
        {Facts()}{Items()}<p style="margin:0 0 16px"><a href="{Encode(AddressOf(message.LinkPath))}" style="display:inline-block;padding:10px 20px;border-radius:8px;background:#1f4fd1;color:#ffffff;font-weight:600;text-decoration:none">{Encode(message.LinkText)}</a></p>
        {(message.OtherLink is { } other ? $"<p style=\"margin:0 0 16px\">{Link(other)}</p>" : $"<p style=\"margin:0 0 16px;{Muted}\">{Encode(AddressOf(message.LinkPath))}</p>")}
        {string.Concat(message.Closing.Select(Paragraph))}
        {(message.Settings is { } settings ? $"<p style=\"margin:0 0 16px;{Muted}\">{Link(settings)}</p>" : "")}
        </div></body></html>
        """;

    public string AddressOf(string path) => new Uri(portal, path).AbsoluteUri;

    private static string Encode(string text) => WebUtility.HtmlEncode(text);

    private static string Spaced(string note) => note.Length == 0 ? "" : " " + note;

    private static string Paragraph(string text) => $"<p style=\"margin:0 0 16px\">{Encode(text)}</p>";

    private static string[] Block(IEnumerable<string> lines) => string.Join("\r\n", lines) is { Length: > 0 } block ? [block] : [];

    private string Link(MailItem item) => $"<a href=\"{Encode(AddressOf(item.LinkPath))}\" style=\"color:#1f4fd1\">{Encode(item.Text)}</a>{Encode(Spaced(item.Note))}";

    private string Facts() => message.Facts.Count == 0 ? "" :
        $"<table role=\"presentation\" style=\"margin:0 0 16px;border-collapse:collapse;font-size:14px\">{string.Concat(message.Facts.Select(fact => $"<tr><td style=\"padding:2px 16px 2px 0;vertical-align:top;color:#4f5b6b\">{Encode(fact.Label)}</td><td style=\"padding:2px 0;overflow-wrap:anywhere\">{Encode(fact.Value)}</td></tr>"))}</table>\n";

    private string Items() => message.Items.Count == 0 ? "" :
        $"<ul style=\"margin:0 0 16px;padding:0 0 0 20px\">{string.Concat(message.Items.Select(item => $"<li style=\"margin:0 0 4px\">{Link(item)}</li>"))}</ul>\n";
}
