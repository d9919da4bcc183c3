using System.Globalization;

namespace Portal.Localization;

/// <summary>The languages of the pages: English, and each one that has a <c>Texts.{language}.resx</c>.</summary>
public static class Languages
{
    /// <summary>The cookie with the language that a person chose. <c>portal.js</c> writes it, because the choice needs no session.</summary>
    public const string CookieName = "portal-language";

    /// <summary>The language of <c>Texts.resx</c>, and of the API and the log.</summary>
    public static readonly CultureInfo Default = CultureInfo.GetCultureInfo("en");

    /// <summary>The default language first, then the others by name.</summary>
    public static IReadOnlyList<CultureInfo> All { get; } = [Default, .. Translations()];

    /// <returns>Null if the pages have no language with this name.</returns>
    public static CultureInfo? Find(string? name) =>
        All.FirstOrDefault(language => string.Equals(language.Name, name, StringComparison.OrdinalIgnoreCase));

    // The build writes each translation to a separate folder.
    private static IEnumerable<CultureInfo> Translations() =>
        from file in Directory.EnumerateFiles(AppContext.BaseDirectory, typeof(Texts).Assembly.GetName().Name + ".resources.dll", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 })
        let language = CultureInfo.GetCultureInfo(Path.GetFileName(Path.GetDirectoryName(file)!))
        orderby language.Name
        select language;
}
