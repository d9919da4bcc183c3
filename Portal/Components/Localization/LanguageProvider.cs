using System.Globalization;
using Microsoft.AspNetCore.Localization;
using Microsoft.Extensions.Primitives;
using Portal.Localization;

namespace Portal.Components.Localization;

/// <summary>Determines the language of a page from the person's choice, and without one from the browser's preferences. The culture, which
/// determines the form of dates and numbers, is the first of the browser's preferences in the same language.</summary>
internal sealed class LanguageProvider : RequestCultureProvider
{
    /// <summary>Browsers send only a few preferences. The rest are ignored.</summary>
    private const int MostPreferences = 10;

    /// <summary>The maximum length of a language tag (RFC 5646, 4.4.1). Longer ones are ignored: searching them would take long.</summary>
    private const int LongestName = 35;

    public override Task<ProviderCultureResult?> DetermineProviderCultureResult(HttpContext httpContext)
    {
        var preferences = httpContext.Request.GetTypedHeaders().AcceptLanguage
            .Take(MostPreferences)
            .Where(preference => preference.Value.Length <= LongestName)
            .OrderByDescending(preference => preference.Quality ?? 1)
            .Where(preference => preference.Quality is not 0)
            .Select(preference => preference.Value)
            .ToList();
        var language = Languages.Find(httpContext.Request.Cookies[Languages.CookieName])
            ?? preferences.Select(LanguageOf).FirstOrDefault(found => found is not null)
            ?? Languages.Default;
        // The first culture that .NET knows is used. It always knows the last one.
        List<StringSegment> cultures = [.. preferences.Where(preference => LanguageOf(preference)?.Equals(language) == true), language.Name];
        return Task.FromResult<ProviderCultureResult?>(new(cultures, [language.Name]));
    }

    /// <summary>Finds the most specific language: for zh-Hans-SG the texts for zh-Hans-SG, zh-Hans or zh.</summary>
    /// <returns>Null if the pages don't have this language.</returns>
    private static CultureInfo? LanguageOf(StringSegment preference)
    {
        for (var name = preference.Value ?? ""; name.Length > 0; name = name[..Math.Max(0, name.LastIndexOf('-'))])
        {
            if (Languages.Find(name) is { } language)
                return language;
        }

        return null;
    }
}
