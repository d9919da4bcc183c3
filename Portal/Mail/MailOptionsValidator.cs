using System.Net;
using Microsoft.Extensions.Options;
using MimeKit;

namespace Portal.Mail;

/// <summary>Stops the start if a setting is missing or would send links in plain text.</summary>
internal sealed class MailOptionsValidator : IValidateOptions<MailOptions>
{
    public ValidateOptionsResult Validate(string? name, MailOptions options)
    {
        if (!options.IsOn)
            return ValidateOptionsResult.Success;
        var faults = new List<string>();
        if (Uri.CheckHostName(options.Host) == UriHostNameType.Unknown)
            faults.Add($"Mail:Host \"{options.Host}\" must be a host name, such as smtp.example.com, without a scheme or port.");
        if (options.Port is < 1 or > 65_535)
            faults.Add("Mail:Port must be from 1 to 65535.");
        if (!Enum.IsDefined(options.Security))
            faults.Add("Mail:Security must be StartTls, Tls or None.");
        else if (options.Security == MailSecurity.None && !IsLocal(options.Host!))
            faults.Add("Mail:Security can be None only for a server on this machine, because mails contain links with which people sign in. Use StartTls or Tls.");
        if (!MailboxAddress.TryParse(options.From ?? "", out var from) || !from.Address.Contains('@', StringComparison.Ordinal))
            faults.Add("Mail:From must be the address of the sender, such as Portal <portal@example.com>.");
        if (!Uri.TryCreate(options.PortalUrl, UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttps && !(url.Scheme == Uri.UriSchemeHttp && url.IsLoopback)) || url.Query.Length + url.Fragment.Length + url.UserInfo.Length > 0)
            faults.Add("Mail:PortalUrl must be the address of Portal for links in mails, such as https://portal.example.com/. It must use https, unless it is on this machine.");
        if (options.Password is { Length: > 0 } && options.PasswordFile is { Length: > 0 })
            faults.Add("Set either Mail:Password or Mail:PasswordFile, not both.");
        if (options.User is { Length: > 0 } != (options.Password is { Length: > 0 } || options.PasswordFile is { Length: > 0 }))
            faults.Add("Mail:User needs Mail:Password or Mail:PasswordFile, and the other way around.");
        if (options.PasswordFile is { Length: > 0 } file && !File.Exists(file))
            faults.Add($"Mail:PasswordFile \"{file}\" doesn't exist.");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static bool IsLocal(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
