using Microsoft.AspNetCore.Components;
using Portal.Access;
using Portal.Addresses;
using Portal.Catalog;
using Portal.Components.Shared;
using Portal.Localization;

namespace Portal.IpRules.Screen;

/// <summary>Answers which tokens can be used from an address, or from outside a network.</summary>
public sealed partial class AddressCheck(AddressChecker checker, ModuleCatalog catalog, NavigationManager navigation) : ActionComponent
{
    /// <summary>The address of the check, relative to the base address.</summary>
    public const string Address = "integrations/ip-rules#" + HeadingId;

    private const string HeadingId = "address-check", InsideName = "inside", OutsideName = "outside";

    private ElementReference _section;
    private AddressQuestion? _asked;
    private AddressAnswer? _answer;
    private string _addresses = "";
    private string? _fault, _moduleId;
    private int _page = 1, _pageSize = 10;
    private bool _isOutside, _loading;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    private ModuleCatalog Catalog => catalog;

    private string Sentence
    {
        get
        {
            var range = _asked!.Range.WriteShortest();
            var where = (_asked.IsOutside ? Texts.AddressCheck_FromOutside : Texts.AddressCheck_From).With(range);
            var isOne = _answer!.Total == 1;
            return _asked.ModuleId is { } id
                ? (isOne ? Texts.AddressCheck_ResultOfModuleOne : Texts.AddressCheck_ResultOfModule).With(_answer.Total, where, catalog.FindModule(id)?.Name ?? id)
                : (isOne ? Texts.AddressCheck_ResultOne : Texts.AddressCheck_Result).With(_answer.Total, where);
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // The browser looks for the fragment of the address before the page has read the rules.
        if (firstRender && navigation.Uri.EndsWith('#' + HeadingId, StringComparison.Ordinal))
            await _section.FocusAsync();
    }

    private void Type(string text) => (_addresses, _fault) = (text, null);

    private void ChooseWhere(string? value) => _isOutside = value == OutsideName;

    private void ChooseModule(string? id) => _moduleId = id;

    private async Task AskAsync()
    {
        _answer = null;
        if (!AddressRangeFormat.TryParse(_addresses, out var range, out var fault))
        {
            _fault = fault;
            return;
        }

        _asked = new AddressQuestion(range, _isOutside, _moduleId);
        await ShowAsync(1, _pageSize);
    }

    private async Task ShowAsync(int page, int pageSize)
    {
        try
        {
            _loading = true;
            _answer = await checker.CheckAsync(Actor, _asked!, page, pageSize);
            (_page, _pageSize) = (page, pageSize);
        }
        finally
        {
            _loading = false;
        }
    }
}
