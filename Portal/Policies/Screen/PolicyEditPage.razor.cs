using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.Options;
using Portal.Access;
using Portal.Accounts;
using Portal.Catalog;
using Portal.Components.Shared;
using Portal.Localization;
using Portal.Tokens;
using Portal.Tokens.Dialogs;

namespace Portal.Policies.Screen;

/// <summary>Changes the policy of the account or of an extension. Before it is saved, the page shows which tokens it leaves outside.</summary>
public sealed partial class PolicyEditPage(
    PolicyService service, PolicyPreviewer previewer, ModuleCatalog catalog, IOptions<TokenOptions> options, Messages messages, AuthenticationStateProvider authentication) : ActionComponent
{
    /// <summary>The policy of the account in addresses.</summary>
    public const string AccountName = "account";

    private Actor? _actor;
    private StoredPolicy? _saved, _conflict;
    private PolicyForm? _form;
    private PolicyPreview? _preview;
    private IReadOnlyList<PolicyError> _errors = [];
    private string? _refusal, _loaded;
    private bool _denied, _missing, _busy, _isSaved;

    /// <summary>The ID of an extension, or <see cref="AccountName"/>.</summary>
    [Parameter]
    public string Id { get; set; } = "";

    private string ExtensionId => Id == AccountName ? "" : Id;

    private bool IsExtension => ExtensionId.Length > 0;

    private string Name => IsExtension ? catalog.FindExtension(ExtensionId)?.Title ?? "" : Texts.Policies_Account;

    private string Title => Name.Length == 0 ? Texts.Policies_Title : Texts.Policies_TitleOf.With(Name);

    /// <summary>The rules of the account, for an extension.</summary>
    private PolicyRules? Account { get; set; }

    private IEnumerable<string> Presets =>
        options.Value.ExpirationPresets.Concat([ExpirationChoice.Custom, ExpirationChoice.Perpetual]).Concat(_form!.Preset.Length == 0 ? [] : [_form.Preset]).Distinct();

    private string Addresses
    {
        get => _form!.AddressesRequired switch { true => "yes", false => "no", _ => "" };
        set => Set(() => _form!.AddressesRequired = value switch { "yes" => true, "no" => false, _ => null });
    }

    private ApprovalAnswer Approval
    {
        get => _form!.Approval;
        set => Set(() => _form!.Approval = value);
    }

    private PerpetualAnswer Perpetual
    {
        get => _form!.Perpetual;
        set => Set(() => _form!.Perpetual = value);
    }

    private string Preset
    {
        get => _form!.Preset;
        set => Set(() => _form!.Preset = value ?? "");
    }

    protected override async Task OnParametersSetAsync()
    {
        if (_loaded == Id)
            return;
        _loaded = Id;
        _actor ??= await authentication.GetActorAsync();
        _denied = !_actor.May(Role.Administrator);
        _missing = IsExtension && catalog.FindExtension(ExtensionId) is null;
        if (_denied || _missing)
            return;
        var stored = await service.ListAsync(_actor);
        Account = IsExtension ? stored.FirstOrDefault(policy => policy.ExtensionId.Length == 0)?.Rules : null;
        Show(stored.FirstOrDefault(policy => policy.ExtensionId == ExtensionId) ?? new StoredPolicy(ExtensionId, PolicyRules.None, Guid.Empty, null, null));
        _preview = null;
    }

    private void Show(StoredPolicy saved) => (_saved, _form, _conflict, _refusal, _errors) = (saved, new PolicyForm(saved.Rules), null, null, []);

    private string? FaultOf(PolicyField field) => _errors.FirstOrDefault(error => error.Field == field)?.Message;

    private string Hint(int? ofAccount, string without) =>
        IsExtension ? ofAccount is { } number ? Texts.Policies_AccountHas.With(number) : Texts.Policies_AccountHasNone : without;

    private void Set(Action change)
    {
        change();
        // The preview is about other rules now.
        (_errors, _preview, _isSaved) = ([], null, false);
    }

    private async Task PreviewAsync()
    {
        if (Check())
            _preview = await previewer.PreviewAsync(_actor!, ExtensionId, _form!.ToRules());
    }

    /// <summary>Saves the policy. If it leaves tokens outside, this shows them first, and the next press saves.</summary>
    private async Task SaveAsync()
    {
        if (_busy || !Check())
            return;
        _busy = true;
        try
        {
            await Task.Yield();
            var wasShown = _preview is not null;
            _preview ??= await previewer.PreviewAsync(_actor!, ExtensionId, _form!.ToRules());
            if (!wasShown && !_preview.IsEmpty)
                return;
            await StoreAsync(_form!.ToRules());
        }
        finally
        {
            _busy = false;
        }
    }

    private async Task StoreAsync(PolicyRules rules)
    {
        (_conflict, _refusal) = (null, null);
        switch (await service.SaveAsync(_actor!, ExtensionId, rules, _saved!.Version))
        {
            case PolicyOutcome.Done:
                Show((await service.ListAsync(_actor!)).FirstOrDefault(policy => policy.ExtensionId == ExtensionId) ?? _saved);
                _isSaved = true;
                messages.Show(Texts.Policies_Saved.With(Name));
                break;
            case PolicyOutcome.Invalid invalid:
                _errors = invalid.Errors;
                break;
            case PolicyOutcome.Conflict conflict:
                _conflict = conflict.Current;
                break;
            case PolicyOutcome.Refused refused:
                _refusal = refused.Message;
                break;
        }
    }

    private void TakeTheirs() => Show(_conflict!);

    private bool Check()
    {
        _errors = service.Check(_form!.ToRules());
        return _errors.Count == 0;
    }
}
