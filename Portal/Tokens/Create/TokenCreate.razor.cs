using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.Options;
using MudBlazor;
using Portal.Access;
using Portal.Accounts;
using Portal.Catalog;
using Portal.Components.Shared;
using Portal.Data;
using Portal.IpRules;
using Portal.Localization;
using Portal.Policies;
using Portal.Tokens.Reading;
using Portal.Tokens.Templates;

namespace Portal.Tokens.Create;

/// <summary>The five-step wizard. <see cref="TokenDraft"/> holds the input and validates it; the browser tab stores it.</summary>
public sealed partial class TokenCreate(
    TokenService tokens, TokenReader reader, OwnerReader owners, PolicyService policies, TemplateService templates, IpRuleService rules, ModuleCatalog catalog, IOptions<TokenOptions> options, BrowserScript browser, IDialogService dialogs, Messages messages,
    NavigationManager navigation, AuthenticationStateProvider authentication, TimeProvider clock) : ActionComponent
{
    private Actor? _actor;
    private TokenDraft? _draft;
    private PolicyBook _policies = PolicyBook.Empty;
    private IReadOnlyList<Template> _templates = [];
    private Template? _applied;
    private TokenDetails? _created;
    private ApiKey? _key;
    private IReadOnlyList<OwnerOption> _owners = [];
    private IReadOnlyList<Fault> _faults = [];
    private IReadOnlyList<string> _leftOut = [], _addresses = [];
    private bool _busy, _restored, _leaving, _handedOut, _leavesOutRules;

    private string? _carried;

    /// <summary>The user and the draft, for the node on which the page continues if this one stops. Like the copy in the tab, it contains no key.</summary>
    [PersistentState]
    public string? Carried
    {
        get => _draft is null ? null : $"{_actor!.Id} {DraftSerializer.Write(_draft)}";
        set => _carried = value;
    }

    private ModuleCatalog Catalog => catalog;
    private TokenOptions Options => options.Value;
    private NavigationManager Navigation => navigation;

    private bool MaySetAddresses => _actor!.May(Role.Administrator);

    private string DefaultLimit => Options.DefaultRateLimit?.Describe() ?? Texts.TokenEdit_NoLimit;

    /// <summary>The key of the draft in the browser tab. It includes the user, so that another user in this tab doesn't see the draft.</summary>
    private string StorageKey => $"token-draft:{_actor!.Id}";

    protected override async Task OnInitializedAsync()
    {
        _actor = await authentication.GetActorAsync();
        if (!_actor.May(Role.Operator))
            return;
        _owners = await owners.ListAsync(_actor);
        _policies = await policies.ReadAsync(_actor);
        _templates = await templates.ListAsync(_actor);
        var carried = ReadCarriedDraft();
        var draft = carried ?? await ReadDraftAsync();
        _restored = carried is null && draft is { HasAnswers: true };
        _draft = draft ?? await StartAsync();
        if (_draft.CreatedHandle is null)
            await FindResultAsync(_draft);
        else if (await ReadCreatedAsync() is null)
            await StartOverAsync();
        (_shownStep, _shownFrom, _shownTemplate) = (Step, From, Template);
        ShowStepInAddress(replace: true);
    }

    /// <summary>The draft of this page on the node that stopped; null: the page is new, or another user has signed in since.</summary>
    private TokenDraft? ReadCarriedDraft()
    {
        var owner = _actor!.Id + " ";
        return _carried?.StartsWith(owner, StringComparison.Ordinal) is true ? DraftSerializer.Read(_carried[owner.Length..], catalog) : null;
    }

    /// <summary>Reads the draft of this tab, unless the address asks for another token.</summary>
    private async Task<TokenDraft?> ReadDraftAsync()
    {
        if (From is not null || Template is not null)
            return null;
        var draft = DraftSerializer.Read(await browser.ReadTabAsync(StorageKey), catalog);
        // A reload shows the summary again. Without the step in the address, the user has left the summary and starts a new token.
        return draft is { CreatedHandle: not null } && StepOf(Step) != WizardStep.Summary ? null : draft;
    }

    /// <summary>Starts with the values of the token in the address, or with the defaults.</summary>
    private async Task<TokenDraft> StartAsync()
    {
        if (Template is not null)
            return await StartWithTemplateAsync();
        if (From is null || await reader.FindAsync(_actor!, From) is not { } original)
            return TokenDraft.Start(catalog, Options.ExpirationPresets, _policies, clock.GetUtcNow().UtcDateTime);
        var addresses = await ReadAddressesAsync(original.Handle);
        _leavesOutRules = addresses.Count > 0 && !MaySetAddresses;
        var draft = await DuplicateDraft.CreateAsync(
            original, MaySetAddresses ? addresses : [], catalog, Options.ExpirationPresets, _policies, clock.GetUtcNow().UtcDateTime, name => reader.IsNameTakenAsync(_actor!, name, exceptHandle: null));
        await browser.WriteTabAsync(StorageKey, DraftSerializer.Write(draft));
        return draft;
    }

    private async Task<TokenDraft> StartWithTemplateAsync()
    {
        var draft = TokenDraft.Start(catalog, Options.ExpirationPresets, _policies, clock.GetUtcNow().UtcDateTime);
        if (_templates.FirstOrDefault(template => template.Id.ToString(CultureInfo.InvariantCulture) == Template) is { IsExtensionGone: false } found)
            await ApplyAsync(draft, found);
        return draft;
    }

    private Task ApplyTemplateAsync(Template template) => ApplyAsync(_draft!, template);

    private async Task ApplyAsync(TokenDraft draft, Template template)
    {
        draft.Apply(template, catalog, Options.ExpirationPresets, MaySetAddresses);
        (_applied, _faults) = (template, []);
        await browser.WriteTabAsync(StorageKey, DraftSerializer.Write(draft));
    }

    /// <summary>What the template sets that the draft can't have; null: nothing.</summary>
    private string? TemplateNote => _applied is not { } template || _draft!.TemplateId != template.Id ? null
        : template.MissingModules.Count > 0 ? Texts.Templates_Missing.With(string.Join(", ", template.MissingModules))
        : template.Content.Addresses.Count > 0 && !MaySetAddresses ? Texts.Templates_AddressesLeftOut
        : null;

    private async Task<IReadOnlyList<string>> ReadAddressesAsync(string handle) =>
        [.. (await rules.ListAsync(_actor!)).Where(rule => rule.Token?.Handle == handle).Select(rule => rule.Written)];

    private static string TitleOf(WizardStep step) => step switch
    {
        WizardStep.General => Texts.TokenCreate_General,
        WizardStep.Expiration => Texts.Token_Expiration,
        WizardStep.Extension => Texts.Token_Extension,
        WizardStep.Permissions => Texts.Token_Permissions,
        _ => Texts.TokenCreate_Summary,
    };

    private string? FaultOf(TokenField field) => _faults.FirstOrDefault(fault => fault.Field == field)?.Message;

    private async Task KeepAsync()
    {
        _faults = [];
        _restored = false;
        await browser.WriteTabAsync(StorageKey, DraftSerializer.Write(_draft!));
    }

    private async Task StartOverAsync()
    {
        if (await MayLeaveKeyAsync() && !await FindResultAsync(_draft!))
            await ResetAsync();
    }

    private async Task ResetAsync()
    {
        await browser.WriteTabAsync(StorageKey, null);
        (_created, _key, _handedOut, _leftOut, _addresses) = (null, null, false, [], []);
        (_restored, _leavesOutRules, _applied, _faults) = (false, false, null, []);
        _draft = await StartAsync();
        ShowStepInAddress(replace: true);
    }

    private Task BackAsync() => GoToAsync(_draft!.Step - 1);

    private async Task NextAsync()
    {
        if (_busy || _draft is null || _draft.Step == WizardStep.Summary)
            return;
        _busy = true;
        try
        {
            // Renders the pressed button first. It has said whether pressing it makes a request.
            var asks = !Need.IsNone;
            await Task.Yield();
            if (await FindResultAsync(_draft))
                return;
            _faults = await CheckStepAsync(_draft);
            if (_faults.Count > 0)
            {
                _draft.ShowsLimits |= _faults.Any(fault => fault.Field is TokenField.RateLimit or TokenField.Addresses);
                return;
            }

            if (_draft.Step == WizardStep.Permissions)
                await CreateAsync(_draft, asks);
            else
                await GoToAsync(_draft.Step + 1);
        }
        finally
        {
            _busy = false;
        }
    }

    private async Task<IReadOnlyList<Fault>> CheckStepAsync(TokenDraft draft)
    {
        // An address that was typed but not added must not be lost: the token would be open to every address.
        if (draft.Step == WizardStep.Permissions && MaySetAddresses && draft.AddressText.Trim().Length > 0)
        {
            if (draft.AddAddress(draft.AddressText) is { } message)
                return [new Fault(TokenField.Addresses, message)];
            draft.AddressText = "";
        }

        var faults = draft.Check(draft.Step, catalog, clock.GetUtcNow().UtcDateTime);
        if (draft.Step == WizardStep.General && faults.Count == 0 && await reader.IsNameTakenAsync(_actor!, draft.Name, exceptHandle: null))
            return [new Fault(TokenField.Name, TokenRules.NameInUse(draft.Name.Trim()))];
        return faults.Count > 0 ? faults : await CheckPolicyAsync(draft);
    }

    /// <summary>Checks the step against the policy, which may have changed since the page was opened. An error in an earlier step leads to that step.</summary>
    private async Task<IReadOnlyList<Fault>> CheckPolicyAsync(TokenDraft draft)
    {
        _policies = await policies.ReadAsync(_actor!);
        var violation = draft.FindViolation(draft.Step, _policies.Of(draft.ExtensionId), MaySetAddresses, WholeSeconds.Now(clock));
        if (violation is null && draft.Step == WizardStep.Extension)
            violation = await policies.CheckCountsAsync(_actor!, draft.ExtensionId, OwnerChoice.Parse(draft.Owner ?? OwnerChoice.OfUser(_actor!.Id).Code));
        if (violation is null)
            return [];
        var fault = PolicyFaults.Of(violation, _actor!);
        if (draft.Step == WizardStep.Extension && fault.Field == TokenField.Addresses)
            return [fault with { Field = TokenField.Extension }];
        if (TokenDraft.StepOf(fault.Field) != draft.Step)
            await GoToAsync(TokenDraft.StepOf(fault.Field));
        return [fault];
    }

    private async Task GoToAsync(WizardStep step)
    {
        _draft!.Step = step;
        await KeepAsync();
        // Last, because it renders the step, whose buttons must work at once. The summary replaces the last step: that one can't be repeated.
        ShowStepInAddress(replace: step == WizardStep.Summary);
    }
}
