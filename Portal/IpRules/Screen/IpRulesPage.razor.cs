using System.Net;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using MudBlazor;
using Portal.Access;
using Portal.Accounts;
using Portal.Addresses;
using Portal.Components;
using Portal.Components.Shared;

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
        messages.Add("The rule was added. It applies immediately.", Severity.Normal);
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
            $"Your earlier attempt added the rule {earlier.Addresses!.Trim()}.{(wanted == earlier ? "" : " Nothing else was added. Review the form, and then add the rule if you still need it.")}",
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
        messages.Add(removed ? $"The rule {rule.Written} was removed." : "Someone else already removed this rule.", removed ? Severity.Normal : Severity.Warning);
        await LoadAsync();
    }

    private Task<bool> AskToAddAsync(NewIpRule wanted, IpRulePreview preview)
    {
        var lines = new List<string>
        {
            string.IsNullOrWhiteSpace(wanted.TokenHandle)
                ? "This is the first rule for all tokens. Requests from any other address are refused immediately."
                : $"This is the first rule for {wanted.TokenHandle.Trim()}. Requests with this token from any other address are refused immediately.",
        };
        if (preview.RefusesAsker)
            lines.Add($"The rule doesn't include your own address, {ClientAddress}. Requests from programs there are refused. You can still use these pages.");
        return IpRuleDialog.AskAsync(dialogs, $"Allow only {wanted.Addresses!.Trim()}?", lines, preview, "Add rule");
    }

    private Task<bool> AskToRemoveAsync(IpRuleEntry rule, IpRulePreview preview)
    {
        var lines = new List<string>
        {
            (preview.OpensToAll, rule.Token) switch
            {
                (true, null) => "This is the last rule for all tokens. Without it, tokens can be used from any address.",
                (true, { } token) => $"This is the last rule for {token.Name}. Without it, the token can be used from every address that the rules for all tokens allow.",
                _ => "Requests from its addresses are refused immediately, unless another rule allows them.",
            },
        };
        if (preview.RefusesAsker)
            lines.Add($"No other rule allows your own address, {ClientAddress}. Requests from programs there are refused. You can still use these pages.");
        return IpRuleDialog.AskAsync(dialogs, $"Remove the rule {rule.Written}?", lines, preview, "Remove");
    }
}
