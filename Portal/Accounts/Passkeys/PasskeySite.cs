namespace Portal.Accounts.Passkeys;

/// <summary>Where a person uses Portal: a passkey of another origin is refused.</summary>
/// <param name="Address">Any address of Portal. Only its scheme, host and port count.</param>
public sealed record PasskeySite(Uri Address)
{
    public bool IsSecure => Address.Scheme == Uri.UriSchemeHttps || IsWithin("localhost");

    internal string Origin => $"{Address.Scheme}://{Address.IdnHost}{(Address.IsDefaultPort ? "" : $":{Address.Port}")}";

    internal bool IsWithin(string domain) =>
        Address.IdnHost.Equals(domain, StringComparison.OrdinalIgnoreCase) || Address.IdnHost.EndsWith("." + domain, StringComparison.OrdinalIgnoreCase);
}
