using System.Net;
using Portal.Data;
using Portal.Localization;

namespace Portal.Webhooks;

/// <summary>The rules for the address of an endpoint.</summary>
internal static class WebhookUrl
{
    private const string LocalHost = "localhost";

    /// <summary>Checks an address when it is entered. Whether a host name leads to a private address is checked with each connection.</summary>
    /// <param name="url">The address as it is stored.</param>
    /// <returns>The error message; null: valid.</returns>
    public static string? Check(string? text, WebhookTargets targets, out string url)
    {
        url = TextRules.Clean(text) ?? "";
        if (url.Length == 0)
            return Texts.WebhookUrl_Missing;
        if (url.Length > WebhookEndpoint.UrlLength)
            return Texts.WebhookUrl_TooLong.With(WebhookEndpoint.UrlLength);
        if (url.Any(character => char.IsControl(character) || char.IsWhiteSpace(character)) || !Uri.TryCreate(url, UriKind.Absolute, out var address)
            || (address.Scheme != Uri.UriSchemeHttps && address.Scheme != Uri.UriSchemeHttp) || address.Host.Length == 0 || !Uri.IsWellFormedUriString(address.AbsoluteUri, UriKind.Absolute))
            return Texts.WebhookUrl_NoAddress;
        if (!HasHostName(address))
            return Texts.WebhookUrl_NoAddress;
        if (address.UserInfo.Length > 0)
            return Texts.WebhookUrl_UserInfo;
        if (address.Fragment.Length > 0)
            return Texts.WebhookUrl_Fragment;
        var isEncrypted = address.Scheme == Uri.UriSchemeHttps;
        if (!isEncrypted && !targets.AllowsPrivate)
            return Texts.WebhookUrl_NotEncrypted;
        if (FindAddress(address) is { } number && !targets.Allows(number, isEncrypted))
            return !isEncrypted && targets.Allows(number, isEncrypted: true) ? Texts.WebhookUrl_NotEncrypted : Texts.WebhookUrl_Private.With(number);
        url = address.AbsoluteUri;
        return url.Length > WebhookEndpoint.UrlLength ? Texts.WebhookUrl_TooLong.With(WebhookEndpoint.UrlLength) : null;
    }

    /// <summary>The scheme, host and port. The rest may contain a secret of the receiver, so the audit log and the log don't get it.</summary>
    public static string OriginOf(string url) => Uri.TryCreate(url, UriKind.Absolute, out var address) ? address.GetLeftPart(UriPartial.Authority) : "";

    /// <summary>.NET parses some addresses whose host isn't a name in any form.</summary>
    private static bool HasHostName(Uri address)
    {
        try
        {
            return address.IdnHost.Length > 0;
        }
        catch (UriFormatException)
        {
            return false;
        }
    }

    private static IPAddress? FindAddress(Uri address) =>
        IPAddress.TryParse(address.IdnHost.Trim('[', ']'), out var literal) ? literal
        : address.IdnHost.Equals(LocalHost, StringComparison.OrdinalIgnoreCase) || address.IdnHost.EndsWith("." + LocalHost, StringComparison.OrdinalIgnoreCase) ? IPAddress.Loopback
        : null;
}
