using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Localization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Portal.Components.Localization;
using Portal.Localization;

namespace Portal.Tests.Components.Localization;

/// <summary>The language of a page for the cookie and the header that a browser sends, with the framework's own middleware.</summary>
public sealed class LanguageProviderTests
{
    private static readonly string Long = new('a', 5_000);

    /// <summary>The cookie and the header, followed by the expected culture and language.</summary>
    public static TheoryData<string?, string?, string, string> Cases => new()
    {
        { null, null, "en", "en" },
        { null, "", "en", "en" },
        { null, "de", "de", "de" },
        { null, "DE", "de", "de" },
        { null, "de-AT", "de-AT", "de" },
        { null, "en-GB", "en-GB", "en" },
        { null, "fr,de;q=0.5", "fr", "de" },
        { null, "en;q=0.5, de-CH;q=0.8, de;q=0.9", "de", "de" },
        { null, "de;q=0, fr", "fr", "en" },
        { null, "*", "en", "en" },

        // Without texts in the browser's language, dates and numbers still have its form.
        { null, "fr", "fr", "en" },
        { null, "fr-FR,fr;q=0.9,en-US;q=0.8,en;q=0.7", "fr-FR", "en" },
        { null, "tlh,fr-CH;q=0.9", "fr-CH", "en" },

        // A form with another calendar, other digits or from right to left would not fit into English text.
        { null, "ar-EG,en-US;q=0.5", "en-US", "en" },
        { null, "fa-IR", "en", "en" },
        { null, "th-TH,fr;q=0.5", "fr", "en" },
        { null, "he-IL,en;q=0.5", "en", "en" },

        // A country that .NET doesn't know for German uses the language's own format.
        { null, "de-XX", "de", "de" },
        { null, "de-Latn-CH", "de", "de" },
        { null, "de-XX,de-CH;q=0.5", "de-CH", "de" },
        { null, "@;=,,\u0001\"", "en", "en" },
        { null, Long, "en", "en" },
        { null, "de-" + Long, "en", "en" },
        { null, "de-" + Long + ",de", "de", "de" },
        { null, string.Join(',', Enumerable.Repeat("fr", 2_500)), "fr", "en" },
        { null, string.Join(',', Enumerable.Repeat("fr", 2_500)) + ",de", "fr", "en" },

        // The cookie takes precedence. Without a preference in its language, dates and numbers have its neutral format.
        { "de", null, "de", "de" },
        { "de", "en-US", "de", "de" },
        { "de", "en-US,de-AT;q=0.1", "de-AT", "de" },
        { "en", "de-DE,de;q=0.9,en-GB;q=0.8", "en-GB", "en" },
        { "DE", "en-US", "de", "de" },
        { "en", "fr-FR", "en", "en" },
        { "de", "fr-FR,de-CH;q=0.5", "de-CH", "de" },
        { "tlh", null, "en", "en" },
        { "tlh", "de-DE", "de-DE", "de" },
        { "", "de-DE", "de-DE", "de" },
        { Long, "de-DE", "de-DE", "de" },
        { "de-AT", "en-GB", "en-GB", "en" },
    };

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public async Task Request_CookieAndHeader_DetermineCultureAndLanguage(string? cookie, string? header, string culture, string language)
    {
        var context = new DefaultHttpContext();
        if (cookie is not null)
            context.Request.Headers.Cookie = $"theme=dark; {Languages.CookieName}={cookie}";
        if (header is not null)
            context.Request.Headers.AcceptLanguage = header;

        Assert.Equal((culture, language), await CulturesAsync(context));
    }

    /// <summary>A browser may split the header into several lines.</summary>
    [Fact]
    public async Task Request_HeaderInSeveralLines_CountsAsOne()
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.AcceptLanguage = new(["fr", "de-CH;q=0.5"]);

        Assert.Equal(("fr", "de"), await CulturesAsync(context));
    }

    [Fact]
    public void All_Languages_AreEnglishAndEachTranslation() => Assert.Equal(["en", "de"], Languages.All.Select(language => language.Name));

    private static async Task<(string Culture, string Language)> CulturesAsync(HttpContext context)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.AddPageLanguages();
        await using var services = builder.Services.BuildServiceProvider();
        var found = ("", "");
        var middleware = new RequestLocalizationMiddleware(
            _ =>
            {
                found = (CultureInfo.CurrentCulture.Name, CultureInfo.CurrentUICulture.Name);
                return Task.CompletedTask;
            },
            services.GetRequiredService<IOptions<RequestLocalizationOptions>>(), services.GetRequiredService<ILoggerFactory>());
        await middleware.Invoke(context);
        return found;
    }

    /// <summary>Anyone can send it, before any limit applies.</summary>
    [Fact]
    public async Task Request_HeaderOfManyParts_CostsLittle()
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.AcceptLanguage = "de-" + string.Join('-', Enumerable.Repeat("a", 60_000));
        await new LanguageProvider().DetermineProviderCultureResult(context);
        var before = GC.GetAllocatedBytesForCurrentThread();

        await new LanguageProvider().DetermineProviderCultureResult(context);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }
}
