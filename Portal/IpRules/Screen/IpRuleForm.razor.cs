using Microsoft.AspNetCore.Components;
using Portal.Addresses;
using Portal.Components.Shared;
using Portal.Localization;

namespace Portal.IpRules.Screen;

/// <summary>Adds a rule, or tries it without saving. The browser tab keeps the input during a reload.</summary>
public sealed partial class IpRuleForm(BrowserScript browser) : ActionComponent
{
    private IpRuleFormDraft _draft = new();
    private IReadOnlyList<IpRuleError> _faults = [];
    private IpRulePreview? _trial;
    private string? _kept;
    private bool _restored, _isRead;

    /// <summary>The key under which the browser tab stores the input. It includes the user, so that another user in this tab doesn't see the
    /// input.</summary>
    [Parameter, EditorRequired]
    public string DraftKey { get; set; } = "";

    /// <summary>The address of the user; null: unknown.</summary>
    [Parameter, EditorRequired]
    public string? CurrentAddress { get; set; }

    [Parameter]
    public bool CurrentIsAllowed { get; set; }

    /// <summary>The token to which the rule applies; null: the user chooses.</summary>
    [Parameter]
    public IpRuleToken? Token { get; set; }

    /// <summary>Adds the rule and clears the form, or returns the errors.</summary>
    [Parameter, EditorRequired]
    public Func<NewIpRule, Task<IReadOnlyList<IpRuleError>>> Add { get; set; } = default!;

    /// <summary>Tries the rule without saving it.</summary>
    [Parameter, EditorRequired]
    public Func<NewIpRule, Task<IpRuleTrial>> Try { get; set; } = default!;

    /// <summary>Finds tokens by part of their name or handle.</summary>
    [Parameter, EditorRequired]
    public Func<string, CancellationToken, Task<IReadOnlyList<IpRuleToken>>> Search { get; set; } = default!;

    /// <summary>Closes the dialog that shows the form; without it, the form is part of a page.</summary>
    [Parameter]
    public EventCallback OnCancel { get; set; }

    /// <summary>Whether the form contains input that isn't added yet.</summary>
    internal bool IsDirty => !_draft.IsEmpty;

    private string HintOfAddresses => AddressRangeFormat.TryParse(_draft.Addresses, out var range, out _) && range.First != range.Last
        ? Texts.IpRuleForm_Allows.With(range.Describe())
        : Texts.IpRuleForm_AddressesHint;

    protected override async Task OnInitializedAsync()
    {
        _kept = await browser.ReadTabAsync(DraftKey);
        if (IpRuleFormDraft.Read(_kept) is { IsEmpty: false } draft && _draft.IsEmpty)
            (_draft, _restored) = (Token is null ? draft : draft with { Token = null, TokenText = "" }, true);
        _isRead = true;
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!_isRead || _draft.Write() is var text && text == _kept)
            return;
        _kept = text;
        await browser.WriteTabAsync(DraftKey, text);
    }

    /// <summary>Clears the form after a rule was added, but keeps an address that wasn't part of the rule.</summary>
    internal void Clear(NewIpRule added)
    {
        (_draft, _restored, _trial) = (new IpRuleFormDraft(added.Addresses == _draft.Addresses ? "" : _draft.Addresses), false, null);
        StateHasChanged();
    }

    /// <summary>Removes the input, also from the browser tab.</summary>
    internal async Task ForgetAsync()
    {
        (_draft, _kept, _restored) = (new IpRuleFormDraft(), null, false);
        await browser.WriteTabAsync(DraftKey, null);
    }

    private void StartOver() => (_draft, _restored, _faults, _trial) = (new IpRuleFormDraft(), false, [], null);

    private string? FaultOf(IpRuleField field) => _faults.FirstOrDefault(fault => fault.Field == field)?.Message;

    /// <summary>Removes the error of a field when the user changes it.</summary>
    private void Set(IpRuleField field, IpRuleFormDraft changed)
    {
        (_draft, _restored, _trial) = (changed, false, null);
        _faults = [.. _faults.Where(fault => fault.Field != field)];
    }

    private Task SubmitAsync() => AddAsync(_draft.Addresses);

    private async Task AddAsync(string? addresses)
    {
        (_faults, _trial) = ([], null);
        await FindTypedTokenAsync();
        _faults = await Add(RuleOf(addresses));
    }

    private async Task TryAsync()
    {
        (_faults, _trial) = ([], null);
        await FindTypedTokenAsync();
        var trial = await Try(RuleOf(_draft.Addresses));
        (_faults, _trial) = (trial.Faults, trial.Preview);
    }

    private NewIpRule RuleOf(string? addresses) => _draft.ToRule() with { Addresses = addresses, TokenHandle = Token?.Handle ?? _draft.ToRule().TokenHandle };

    /// <summary>Accepts a name that was typed completely, but not chosen from the list.</summary>
    private async Task FindTypedTokenAsync()
    {
        var typed = _draft.TokenText.Trim();
        if (Token is not null || typed.Length == 0 || IpRuleChecks.ReadHandle(typed) is not null)
            return;
        var found = await Search(typed, CancellationToken.None);
        if (found.FirstOrDefault(token => token.Name.Equals(typed, StringComparison.OrdinalIgnoreCase)) is { } token)
            _draft = _draft with { Token = token, TokenText = "" };
    }

    private async Task CancelAsync()
    {
        await ForgetAsync();
        await OnCancel.InvokeAsync();
    }
}
