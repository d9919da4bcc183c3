using System.Collections.Frozen;
using System.Globalization;
using Microsoft.AspNetCore.Localization;
using Microsoft.Extensions.Primitives;
using Portal.Localization;

namespace Portal.Components.Localization;

/// <summary>Determines the language of a page from the person's choice, and without one from the browser's preferences. The culture, which
/// determines the form of dates and numbers, is the browser's first preference, even if the pages don't have its language: a French browser gets
/// English text with French dates. If the person chose a language, the culture is the first preference in that language.</summary>
internal sealed class LanguageProvider : RequestCultureProvider
{
    /// <summary>Browsers send only a few preferences. The rest are ignored.</summary>
    private const int MostPreferences = 10;

    /// <summary>The maximum length of a language tag (RFC 5646, 4.4.1). Longer ones are ignored: searching them would take long.</summary>
    private const int LongestName = 35;

    private static readonly FrozenDictionary<string, CultureInfo> Known =
        CultureInfo.GetCultures(CultureTypes.AllCultures).Where(culture => culture.Name.Length > 0).DistinctBy(culture => culture.Name, StringComparer.OrdinalIgnoreCase)
        .ToFrozenDictionary(culture => culture.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>All cultures that .NET knows, except for the invariant one.</summary>
    public static IEnumerable<CultureInfo> Cultures => Known.Values;

    public override Task<ProviderCultureResult?> DetermineProviderCultureResult(HttpContext httpContext)
    {
        var preferences = httpContext.Request.GetTypedHeaders().AcceptLanguage
            .Take(MostPreferences)
            .Where(preference => preference.Value.Length <= LongestName)
            .OrderByDescending(preference => preference.Quality ?? 1)
            .Where(preference => preference.Quality is not 0)
            .Select(preference => preference.Value)
            .ToList();
        var chosen = Languages.Find(httpContext.Request.Cookies[Languages.CookieName]);
        var language = chosen
            ?? preferences.Select(LanguageOf).FirstOrDefault(found => found is not null)
            ?? Languages.Default;
        bool IsInLanguage(StringSegment preference) => LanguageOf(preference)?.Equals(language) == true;
        // The first culture that .NET knows is used. It always knows the last one.
        List<StringSegment> cultures =
            [.. preferences.Where(preference => IsInLanguage(preference) || (chosen is null && IsUsableWithAnyText(preference))), language.Name];
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

    /// <summary>Other calendars, other digits and text from right to left only fit into texts in their own language.</summary>
    private static bool IsUsableWithAnyText(StringSegment preference) =>
        Known.TryGetValue(preference.Value ?? "", out var culture)
        && culture.Calendar is GregorianCalendar && !culture.TextInfo.IsRightToLeft && culture.NumberFormat.NativeDigits[1] == "1";
}
