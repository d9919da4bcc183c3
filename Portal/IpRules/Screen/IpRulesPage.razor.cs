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

namespace Portal.IpRules.Screen;

/// <summary>The addresses that may use the account's tokens. Asks for confirmation of a change that would refuse clients or allow every address.</summary>
public sealed partial class IpRulesPage(
    IpRuleService rules, IpRulePreviewer previewer, IDialogService dialogs, ISnackbar messages, AuthenticationStateProvider authentication) : ActionComponent
{
    private Actor? _actor;
    private IReadOnlyList<IpRuleEntry>? _rules;
    private IpRuleForm? _form;
    private NewIpRule? _unanswered;
    private int _latest;
    private bool _busy;

    /// <summary>The address of the user when the page was loaded; null: unknown.</summary>
    [CascadingParameter(Name = Routes.ClientAddressName)]
    private string? ClientAddress { get; set; }

    private bool MayChange => _actor?.May(Role.Administrator) is true;

    private bool CurrentIsAllowed =>
        _rules is not null && IPAddress.TryParse(ClientAddress, out var address)
        && _rules.Any(rule => rule.Token is null && rule.Range.Contains(AddressNumber.Of(address)));

    protected override async Task OnInitializedAsync()
    {
        _actor = await authentication.GetActorAsync();
        await LoadAsync();
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
            if (await previewer.AddAsync(_actor!, wanted, ClientAddress) is { IsHarmless: false } preview && !await AskToAddAsync(wanted, preview))
                return [];
            _unanswered = wanted;
            var outcome = await rules.AddAsync(_actor!, wanted);
            _unanswered = null;
            if (outcome is IpRuleOutcome.Invalid invalid)
                return invalid.Faults;
        }
        finally
        {
            _busy = false;
        }

        _form?.Clear(wanted);
        messages.Add(Texts.IpRules_Added, Severity.Normal);
        await LoadAsync();
        return [];
    }

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
        messages.Add(
            (wanted == earlier ? Texts.IpRules_EarlierAdded : Texts.IpRules_EarlierAddedOnly).With(earlier.Addresses!.Trim()),
            Severity.Warning);
        return true;
    }

    private static bool IsFor(IpRuleEntry rule, NewIpRule wanted) =>
        rule.Written == wanted.Addresses?.Trim() && (rule.Token?.Handle ?? "") == (wanted.TokenHandle?.Trim() ?? "");

    private async Task RemoveAsync(IpRuleEntry rule)
    {
        if (await previewer.RemoveAsync(_actor!, rule.Id, ClientAddress) is { } preview && !await AskToRemoveAsync(rule, preview))
            return;
        var removed = await rules.RemoveAsync(_actor!, rule.Id) is IpRuleOutcome.Done;
        messages.Add(removed ? Texts.IpRules_Removed.With(rule.Written) : Texts.IpRules_AlreadyRemoved, removed ? Severity.Normal : Severity.Warning);
        await LoadAsync();
    }

    private Task<bool> AskToAddAsync(NewIpRule wanted, IpRulePreview preview)
    {
        var lines = new List<string>
        {
            string.IsNullOrWhiteSpace(wanted.TokenHandle)
                ? Texts.IpRules_FirstForAll
                : Texts.IpRules_FirstForToken.With(wanted.TokenHandle.Trim()),
        };
        if (preview.RefusesCurrentAddress)
            lines.Add(Texts.IpRules_ExcludesYou.With(ClientAddress));
        return IpRuleDialog.AskAsync(dialogs, Texts.IpRules_AddTitle.With(wanted.Addresses!.Trim()), lines, preview, Texts.IpRules_AddConfirm);
    }

    private Task<bool> AskToRemoveAsync(IpRuleEntry rule, IpRulePreview preview)
    {
        var lines = new List<string>
        {
            (preview.RemovesLastRestriction, rule.Token) switch
            {
                (true, null) => Texts.IpRules_LastForAll,
                (true, { } token) => Texts.IpRules_LastForToken.With(token.Name),
                _ => Texts.IpRules_RemoveEffect,
            },
        };
        if (preview.RefusesCurrentAddress)
            lines.Add(Texts.IpRules_NoOtherAllowsYou.With(ClientAddress));
        return IpRuleDialog.AskAsync(dialogs, Texts.IpRules_RemoveTitle.With(rule.Written), lines, preview, Texts.IpRules_RemoveConfirm);
    }
}
