using Microsoft.AspNetCore.Components.Authorization;
using MudBlazor;
using Portal.Access;
using Portal.Accounts;
using Portal.Catalog;
using Portal.Components.Shared;
using Portal.Localization;

namespace Portal.Tokens.Templates.Screen;

/// <summary>The templates of the account. Operators use them, administrators change them.</summary>
public sealed partial class TemplatesPage(
    TemplateService service, ModuleCatalog catalog, IDialogService dialogs, Messages messages, AuthenticationStateProvider authentication) : ActionComponent
{
    private Actor? _actor;
    private IReadOnlyList<Template>? _templates;
    private bool _denied;

    private ModuleCatalog Catalog => catalog;

    protected override async Task OnInitializedAsync()
    {
        _actor = await authentication.GetActorAsync();
        _denied = !_actor.May(Role.Operator);
        if (!_denied)
            _templates = await service.ListAsync(_actor);
    }

    private string ModulesOf(Template template) =>
        catalog.FindExtension(template.ExtensionId) is { Permissions: not PermissionRule.Ask } ? Texts.Templates_ByExtension
        : template.Content.AllModules ? Texts.Token_AllModules
        : string.Join(", ", template.Content.Modules.Select(id => catalog.FindModule(id)?.Name).OfType<string>()) is { Length: > 0 } names ? names
        : "–";

    private async Task DeleteAsync(Template template)
    {
        if (!await ConfirmDialog.AskAsync(
            dialogs, Texts.TokenAction_DeleteQuestion.With(template.Name), [Texts.Templates_DeleteConsequence], Texts.TokenAction_Delete, danger: true,
            act: () => service.DeleteAsync(_actor!, template.Id)))
            return;
        messages.Show(Texts.Templates_Deleted.With(template.Name));
        _templates = await service.ListAsync(_actor!);
    }
}
