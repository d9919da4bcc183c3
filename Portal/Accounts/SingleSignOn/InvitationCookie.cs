using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace Portal.Accounts.SingleSignOn;

/// <summary>Keeps the code of an opened invitation until the person continues with a provider. The code is a secret, so no address contains it, and a
/// link on another site can't use the cookie.</summary>
internal static class InvitationCookie
{
    private const string ProtectorName = "Portal.Accounts.SingleSignOn.InvitationCookie.v1";

    public static void Write(HttpContext context, string code) =>
        context.Response.Cookies.Append(ProviderPaths.InvitationCookie, ProtectorOf(context).Protect(code), Options(context, ProviderSchemes.LongestSignIn));

    /// <returns>Null: there is none.</returns>
    public static string? Read(HttpContext context)
    {
        try
        {
            return context.Request.Cookies[ProviderPaths.InvitationCookie] is { Length: > 0 and < 4096 } value ? ProtectorOf(context).Unprotect(value) : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    public static void Delete(HttpContext context) => context.Response.Cookies.Delete(ProviderPaths.InvitationCookie, Options(context, lifetime: null));

    private static IDataProtector ProtectorOf(HttpContext context)
    {
        var protection = context.RequestServices.GetRequiredService<IDataProtectionProvider>();
        return protection.CreateProtector(ProtectorName);
    }

    private static CookieOptions Options(HttpContext context, TimeSpan? lifetime) => new()
    {
        HttpOnly = true, IsEssential = true, MaxAge = lifetime, SameSite = SameSiteMode.Strict, Secure = context.Request.IsHttps,
        Path = context.Request.PathBase.HasValue ? context.Request.PathBase : "/",
    };
}
