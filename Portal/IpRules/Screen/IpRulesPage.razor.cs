using System.Net;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using MudBlazor;
using Portal.Access;
using Portal.Accounts;
using Portal.Addresses;
using Portal.Components;
using Portal.Components.Shared;
using Portal.Localization;
using Portal.Tokens.Reading;

namespace Portal.IpRules.Screen;

/// <summary>The addresses that may use the account's tokens. The URL holds the filter.</summary>
public sealed partial class IpRulesPage(
    IpRuleService rules, IpRulePreviewer previewer, TokenAccessReader proposals, TokenReader reader, IDialogService dialogs, IpRuleMessages messages, BrowserScript browser,
    NavigationManager navigation, AuthenticationStateProvider authentication) : ActionComponent, IDisposable
{
    /// <summary>The number of rules from which the list can be filtered.</summary>
    private const int FilterFrom = 5;

    private const int MostSuggested = 8;

    /// <summary>Addresses that this page set itself. The browser confirms them later, while the user may already have changed the filter again.</summary>
    private readonly HashSet<string> _pending = new(StringComparer.Ordinal);
    private ElementReference _list, _note;
    private Actor? _actor;
    private IReadOnlyList<IpRuleEntry>? _rules;
    private IpRuleListQuery _query = new();
    private IpRuleToken? _token;
    private IpRuleForm? _form;
    private NewIpRule? _unanswered;
    private string? _refusal;
    private int _latest;
    private bool _busy, _focusList, _focusNote;

    /// <summary>The address of the user when the page was loaded; null: unknown.</summary>
    [CascadingParameter(Name = Routes.ClientAddressName)]
    private string? ClientAddress { get; set; }

    private bool MayChange => _actor?.May(Role.Administrator) is true;

    private bool CurrentIsAllowed =>
        _rules is not null && IPAddress.TryParse(ClientAddress, out var address)
        && _rules.Any(rule => rule.Token is null && rule.Range.Contains(AddressNumber.Of(address)));

    private IReadOnlyList<IpRuleEntry> Found => _query.Of(_rules!);

    private int Page => Math.Clamp(_query.Page, 1, Math.Max(1, (Found.Count - 1) / _query.PageSize + 1));

    private IReadOnlyList<IpRuleEntry> Shown => [.. Found.Skip((Page - 1) * _query.PageSize).Take(_query.PageSize)];

    private IpRuleEditor Editor => new(rules, previewer, dialogs, _actor!, ClientAddress);

    public void Dispose() => navigation.LocationChanged -= OnLocationChanged;

    protected override async Task OnInitializedAsync()
    {
        navigation.LocationChanged += OnLocationChanged;
        _actor = await authentication.GetActorAsync();
        await ReadAddressAsync();
        await LoadAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!_focusList && !_focusNote)
            return;
        var element = _focusNote ? _note : _list;
        (_focusList, _focusNote) = (false, false);
        await element.FocusAsync();
    }

    private async Task LoadAsync()
    {
        var asked = ++_latest;
        var read = await rules.ListAsync(_actor!);
        // The latest request wins, regardless of the order of the results.
        if (asked != _latest)
            return;
        _rules = read;
        // The events of the form don't render this page.
        StateHasChanged();
    }

    private async Task<IReadOnlyList<IpRuleError>> AddAsync(NewIpRule wanted)
    {
        if (_busy)
            return [];
        _busy = true;
        try
        {
            if (await FindUnansweredAsync(wanted))
                return [];
            var outcome = await Editor.AddAsync([wanted], await NameAsync(wanted.TokenHandle), () => _unanswered = wanted);
            _unanswered = null;
            if (outcome is null)
                await browser.FocusBackAsync();
            if (outcome is not IpRuleOutcome.Done added)
                return outcome is IpRuleOutcome.Invalid invalid ? invalid.Faults : [];
            messages.ShowUndoable(_actor!, Texts.IpRules_Added, added, LoadAsync);
        }
        finally
        {
            _busy = false;
        }

        _form?.Clear(wanted);
        await LoadAsync();
        return [];
    }

    private Task<IpRuleTrial> TryAsync(NewIpRule wanted) => previewer.TryAsync(_actor!, [wanted], ClientAddress);

    /// <summary>Checks the result of an earlier attempt whose response was lost, before another rule is added.</summary>
    /// <returns>Whether that attempt added its rule. A different rule in the form stays there for review.</returns>
    private async Task<bool> FindUnansweredAsync(NewIpRule wanted)
    {
        if (_unanswered is not { } earlier)
            return false;
        await LoadAsync();
        _unanswered = null;
        if (!_rules!.Any(rule => IsFor(rule, earlier)))
            return false;
        if (wanted == earlier)
            _form?.Clear(wanted);
        messages.Show(
            (wanted == earlier ? Texts.IpRules_EarlierAdded : Texts.IpRules_EarlierAddedOnly).With(earlier.Addresses!.Trim()),
            Severity.Warning);
        return true;
    }

    private static bool IsFor(IpRuleEntry rule, NewIpRule wanted) =>
        rule.Written == wanted.Addresses?.Trim() && rule.Token?.Handle == IpRuleChecks.ReadHandle(wanted.TokenHandle ?? "");

    private async Task ProposeAsync()
    {
        if (await IpRuleProposalsDialog.ShowAsync(dialogs, proposals, _actor!, _token, ClientAddress) is not { } done)
        {
            await browser.FocusBackAsync();
            return;
        }

        messages.ShowUndoable(_actor!, TextFormat.Count(done.Added.Count, Texts.IpRules_Added, Texts.IpRules_AddedSeveral), done, LoadAsync);
        await LoadAsync();
        _focusList = true;
    }

    private async Task RemoveAsync(IpRuleEntry rule)
    {
        _refusal = null;
        switch (await Editor.RemoveAsync(rule))
        {
            case null:
                await browser.FocusBackAsync();
                return;
            case IpRuleOutcome.Invalid invalid:
                (_refusal, _focusNote) = (invalid.Faults[0].Message, true);
                return;
            case IpRuleOutcome.Done done:
                messages.ShowUndoable(_actor!, Texts.IpRules_Removed.With(rule.Written), done, LoadAsync);
                break;
            default:
                messages.Show(Texts.IpRules_AlreadyRemoved, Severity.Warning);
                break;
        }

        // The button that had the focus is gone.
        _focusList = true;
        await LoadAsync();
    }
}
