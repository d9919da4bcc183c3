using System.Security.Cryptography;

namespace Portal.Accounts.Passkeys;

/// <summary>The cookie that ties the challenges of a sign-in to the browser that asked for them.</summary>
/// <remarks>Tabs of a browser share it, so one tab doesn't end the challenge of another.</remarks>
internal static class PasskeyCookie
{
    public const string Name = "portal-passkey";
    private const int Length = 32;

    public static string? Read(HttpContext context) =>
        context.Request.Cookies[Name] is { Length: Length } value && value.All(char.IsAsciiHexDigitLower) ? value : null;

    public static string ReadOrWrite(HttpContext context)
    {
        var value = Read(context) ?? RandomNumberGenerator.GetHexString(Length, lowercase: true);
        context.Response.Cookies.Append(Name, value, new CookieOptions
        {
            HttpOnly = true, IsEssential = true, MaxAge = PasskeyChallenges.Lifetime, SameSite = SameSiteMode.Strict, Secure = context.Request.IsHttps,
            Path = context.Request.PathBase.HasValue ? context.Request.PathBase : "/",
        });
        return value;
    }
}
