using Microsoft.Extensions.Localization;
using MudBlazor;
using Portal.Localization;

namespace Portal.Components.Shared;

/// <summary>The texts of MudBlazor's components in the reader's language. MudBlazor itself contains the English ones.</summary>
internal sealed class MudTexts(IStringLocalizer<Texts> texts) : MudLocalizer
{
    public override LocalizedString this[string key] => texts[key];
}
