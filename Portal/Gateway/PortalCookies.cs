using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Portal.Accounts;
using Portal.Accounts.Passkeys;
using Portal.Accounts.SingleSignOn;
using Portal.Localization;

namespace Portal.Gateway;

/// <summary>Keeps the cookies of Portal's own pages from upstreams, and protects them from being overwritten: one of them is an administrator's
/// session.</summary>
internal sealed class PortalCookies
{
    /// <summary>The prefix of cookie names over HTTPS.</summary>
    private const string HostPrefix = "__Host-";

    private const string Theme = "portal-theme", TimeZone = "portal-time-zone";

    private static readonly string[] Schemes =
    [
        IdentityConstants.ApplicationScheme, IdentityConstants.ExternalScheme,
        IdentityConstants.TwoFactorRememberMeScheme, IdentityConstants.TwoFactorUserIdScheme,
    ];

    private readonly string[] _names;

    public PortalCookies(IOptionsMonitor<CookieAuthenticationOptions> schemes, IOptions<AntiforgeryOptions> antiforgery) =>
        _names = [.. Plain(schemes, antiforgery).SelectMany(name => new[] { name, HostPrefix + name })];

    private static IEnumerable<string> Plain(IOptionsMonitor<CookieAuthenticationOptions> schemes, IOptions<AntiforgeryOptions> antiforgery) =>
        [
            Theme, TimeZone, Languages.CookieName, KnownDevices.CookieName, PasskeyCookie.Name, ProviderPaths.InvitationCookie, ProviderPaths.CorrelationCookie, ProviderPaths.NonceCookie,
            .. Schemes.Select(scheme => schemes.Get(scheme).Cookie.Name).Append(antiforgery.Value.Cookie.Name).OfType<string>(),
        ];

    /// <returns>The other cookies, as they were sent; empty if there are none.</returns>
    public string TakeOut(StringValues cookies)
    {
        // HTTP/2 may send several headers; HTTP/1.1 allows only one.
        var all = cookies.Count == 1 ? cookies[0] ?? "" : string.Join("; ", cookies.ToArray());
        var mentioned = false;
        foreach (var name in _names)
            mentioned |= all.Contains(name, StringComparison.OrdinalIgnoreCase);
        return mentioned ? string.Join("; ", all.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(IsForeign)) : all;
    }

    /// <returns>The values, except those that would overwrite Portal's own cookies.</returns>
    public StringValues WithoutOwn(StringValues setCookies) =>
        setCookies.All(IsForeignOrNone) ? setCookies : setCookies.Where(IsForeignOrNone).ToArray();

    private bool IsForeignOrNone(string? cookie) => cookie is null || IsForeign(cookie);

    private bool IsForeign(string cookie)
    {
        var name = cookie.AsSpan(0, cookie.IndexOf('=') is >= 0 and var end ? end : cookie.Length).Trim();
        foreach (var own in _names)
            if (name.StartsWith(own, StringComparison.OrdinalIgnoreCase) && (own[^1] == '.' || IsWholeOrPart(name[own.Length..])))
                return false;
        return true;
    }

    /// <summary>Whether the rest of the name is empty or marks a part: a long cookie is split into <c>portalC1</c>, <c>portalC2</c> etc.</summary>
    private static bool IsWholeOrPart(ReadOnlySpan<char> rest) =>
        rest is [] || (rest is ['C' or 'c', _, ..] && !rest[1..].ContainsAnyExceptInRange('0', '9'));
}
