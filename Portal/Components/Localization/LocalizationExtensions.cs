using System.Globalization;
using Portal.Localization;

namespace Portal.Components.Localization;

/// <summary>Registers the services of this folder: the language of the pages.</summary>
public static class LocalizationExtensions
{
    public static void AddPageLanguages(this IHostApplicationBuilder builder)
    {
        // Everything but the pages is English: the API, the log, and background work. The server's own language doesn't matter. Only the default is
        // set: the current culture would flow with each request, which reduces the throughput by several percent.
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.InvariantCulture;
        _ = Languages.All; // Without culture data this throws, before anything is written.
        builder.Services.AddLocalization();
        builder.Services.Configure<RequestLocalizationOptions>(options =>
        {
            options.SupportedUICultures = [.. Languages.All];
            options.SupportedCultures = [.. LanguageProvider.Cultures];
            options.DefaultRequestCulture = new(Languages.Default);
            options.RequestCultureProviders = [new LanguageProvider()];
            // The provider includes the fallbacks. Otherwise .NET would cache every name that clients make up.
            options.FallBackToParentCultures = options.FallBackToParentUICultures = false;
        });
    }

    /// <summary>Uses the reader's language from here on. A circuit keeps the language of the request that opened it.</summary>
    public static void UsePageLanguage(this IApplicationBuilder app) => app.UseRequestLocalization();
}
