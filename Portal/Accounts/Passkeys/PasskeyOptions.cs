using System.ComponentModel.DataAnnotations;

namespace Portal.Accounts.Passkeys;

/// <summary>The settings of passkeys.</summary>
public sealed class PasskeyOptions
{
    public const string Section = "Passkeys";

    /// <summary>The domain for which browsers create passkeys; empty: the host name under which the person uses Portal. It must be that host name or a
    /// parent of it. Passkeys work for the domain for which they were created only.</summary>
    [RegularExpression(@"([a-z0-9-]+\.)*[a-z0-9-]+", ErrorMessage = $"{Section}:{nameof(ServerDomain)} must be a domain in lower case, such as example.com.")]
    public string ServerDomain { get; set; } = "";

    /// <summary>Whether a browser that uses Portal there can have passkeys. Browsers require HTTPS, except for localhost, and a name instead of an IP
    /// address.</summary>
    internal bool Support(PasskeySite site) =>
        site.IsSecure && site.Address.HostNameType == UriHostNameType.Dns && (ServerDomain.Length == 0 || site.IsWithin(ServerDomain));
}
