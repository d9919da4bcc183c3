using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.Options;
using Portal.Access;
using Portal.Accounts;
using Portal.Catalog;
using Portal.Components.Shared;
using Portal.Localization;
using Portal.Tokens.Dialogs;

namespace Portal.Tokens.Templates.Screen;

/// <summary>Adds or changes a template. For administrators.</summary>
public sealed partial class TemplateEditPage(
    TemplateService service, ModuleCatalog catalog, IOptions<TokenOptions> options, NavigationManager navigation, Messages messages, AuthenticationStateProvider authentication) : ActionComponent
{
    private Actor? _actor;
    private Template? _template, _conflict;
    private TemplateForm? _form;
    private IReadOnlyList<TemplateError> _errors = [];
    private bool _denied, _missing, _full;

    /// <summary>The ID of a template; any other text: a new one.</summary>
    [Parameter]
    public string Id { get; set; } = "";

    private ModuleCatalog Catalog => catalog;

    private string Title => _template?.Name ?? Texts.Templates_New;

    private string DefaultLimit => options.Value.DefaultRateLimit?.Describe() ?? Texts.TokenEdit_NoLimit;

    private IEnumerable<string> Presets =>
        options.Value.ExpirationPresets.Append(ExpirationChoice.Perpetual).Concat(_form!.Expiration.Length == 0 ? [] : [_form.Expiration]).Distinct();

    protected override async Task OnInitializedAsync()
    {
        _actor = await authentication.GetActorAsync();
        _denied = !_actor.May(Role.Administrator);
        if (_denied)
            return;
        if (!long.TryParse(Id, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            (_full, _form) = ((await service.ListAsync(_actor)).Count >= TemplateService.MostTemplates, new TemplateForm { ExtensionId = catalog.Extensions[0].Id });
        else if (await service.FindAsync(_actor, id) is { } found)
            Show(found);
        else
            _missing = true;
    }

    private void Show(Template template) => (_template, _form, _conflict, _errors) = (template, TemplateForm.Of(template, catalog), null, []);

    private string? FaultOf(TemplateField field) => _errors.FirstOrDefault(error => error.Field == field)?.Message;

    private async Task SaveAsync()
    {
        (_errors, _conflict) = ([], null);
        switch (await service.SaveAsync(_actor!, _template?.Id, _form!.ToInput(catalog), _template?.Version ?? Guid.Empty))
        {
            case TemplateOutcome.Done:
                messages.Show(Texts.Templates_Saved.With(_form.Name.Trim()));
                navigation.NavigateTo("templates");
                break;
            case TemplateOutcome.Invalid invalid:
                _errors = invalid.Errors;
                break;
            case TemplateOutcome.Conflict conflict:
                _conflict = conflict.Current;
                break;
            default:
                _missing = true;
                break;
        }
    }
}
