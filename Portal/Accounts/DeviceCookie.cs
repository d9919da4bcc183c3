namespace Portal.Accounts;

/// <summary>The cookie by which a browser that has signed in is recognized, see <see cref="KnownDevices"/>.</summary>
internal static class DeviceCookie
{
    public static string? Read(HttpContext context) => context.Request.Cookies[KnownDevices.CookieName];

    public static void Write(HttpContext context, string value, TimeSpan lifetime) => context.Response.Cookies.Append(KnownDevices.CookieName, value, new CookieOptions
    {
        HttpOnly = true, IsEssential = true, MaxAge = lifetime, SameSite = SameSiteMode.Lax, Secure = context.Request.IsHttps,
        Path = context.Request.PathBase.HasValue ? context.Request.PathBase : "/",
    });
}
