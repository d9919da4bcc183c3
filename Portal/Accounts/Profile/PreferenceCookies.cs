using Portal.Localization;

namespace Portal.Accounts.Profile;

/// <summary>The cookies from which pages take the theme, the language and the time zone. Scripts read and write them, too: the menu of the user changes
/// the theme and the language of one browser.</summary>
internal static class PreferenceCookies
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(365);

    /// <summary>Applies the stored preferences to the browser in which the user signs in. Those that the user hasn't set stay as they are.</summary>
    public static void Write(HttpContext context, UserPreferences preferences)
    {
        foreach (var (name, value) in new[]
        {
            (UserPreferences.ThemeCookie, preferences.Theme), (Languages.CookieName, preferences.Language), (UserPreferences.TimeZoneCookie, preferences.TimeZone),
        })
            if (value is not null)
                context.Response.Cookies.Append(name, value, new CookieOptions
                {
                    IsEssential = true, MaxAge = Lifetime, SameSite = SameSiteMode.Lax, Secure = context.Request.IsHttps,
                    Path = context.Request.PathBase.HasValue ? context.Request.PathBase : "/",
                });
    }
}
