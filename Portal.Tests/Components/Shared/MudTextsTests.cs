using System.Collections;
using System.Globalization;
using System.Resources;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Localization;
using MudBlazor;
using Portal.Components.Shared;
using Portal.Localization;
using Portal.Tests.Support;

namespace Portal.Tests.Components.Shared;

/// <summary>MudBlazor contains the English texts of its components. Every other language of the pages must have a text for each.</summary>
public sealed partial class MudTextsTests : IDisposable
{
    private static readonly Dictionary<string, string> English = Read(
        new ResourceManager("MudBlazor.Resources.LanguageResource", typeof(MudDialog).Assembly), CultureInfo.InvariantCulture);

    private readonly ServiceProvider _services = new ServiceCollection().AddLogging().AddLocalization().BuildServiceProvider();

    public static TheoryData<string> Translations => [.. Languages.All.Skip(1).Select(language => language.Name)];

    private MudTexts Texts => new(_services.GetRequiredService<IStringLocalizer<Texts>>());

    public void Dispose() => _services.Dispose();

    [Theory]
    [MemberData(nameof(Translations))]
    public void Translation_EachTextOfMudBlazor_HasOneWithTheSamePlaceholders(string language)
    {
        using var reader = new ReaderCulture(language);

        Assert.NotEmpty(English);
        Assert.All(English, text =>
        {
            var translated = Texts[text.Key];
            Assert.False(translated.ResourceNotFound, $"{text.Key} is missing.");
            Assert.NotEmpty(translated.Value);
            Assert.Equal(PlaceholdersOf(text.Value), PlaceholdersOf(translated.Value));
        });
    }

    /// <summary>A text that neither the pages nor MudBlazor use is left over from an earlier version.</summary>
    [Theory]
    [MemberData(nameof(Translations))]
    public void Translation_NoText_IsLeftOver(string language) => Assert.Empty(
        Read(Portal.Localization.Texts.ResourceManager, CultureInfo.GetCultureInfo(language)).Keys
            .Except(Read(Portal.Localization.Texts.ResourceManager, CultureInfo.InvariantCulture).Keys).Except(English.Keys));

    [Fact]
    public void English_EachText_IsMudBlazorsOwn()
    {
        using var reader = new ReaderCulture("en");

        Assert.All(English.Keys, key => Assert.True(Texts[key].ResourceNotFound));
    }

    private static Dictionary<string, string> Read(ResourceManager texts, CultureInfo culture) =>
        texts.GetResourceSet(culture, createIfNotExists: true, tryParents: false)!.Cast<DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => (string)entry.Value!, StringComparer.Ordinal);

    private static string[] PlaceholdersOf(string text) => [.. Placeholder().Matches(text).Select(match => match.Value).Distinct().Order(StringComparer.Ordinal)];

    [GeneratedRegex(@"\{\d+[^}]*\}")]
    private static partial Regex Placeholder();
}
