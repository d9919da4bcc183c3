namespace Portal.Localization;

/// <summary>Holds the language that a person chose. <c>portal.js</c> writes it, because the choice needs no session.</summary>
public static class LanguageCookie
{
    public const string Name = "language";

    /// <returns>Null: the person chose none, so the browser's preferences decide.</returns>
    public static string? Read(HttpRequest request) => request.Cookies[Name];
}
