using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Portal.Components.Shared;
using Portal.Localization;

namespace Portal.Tokens.Create;

/// <summary>The step in the address, so that the browser's Back goes to the previous step, and the questions before the wizard is left.</summary>
public sealed partial class TokenCreate
{
    private const string Page = "tokens/create";

    /// <summary>The steps that this page has put into the address, and whose change of the address is still to come.</summary>
    private readonly Queue<WizardStep> _announced = new();
    private string? _shownStep, _shownFrom, _shownTemplate;

    /// <summary>The number of the step, from 2; null: the first.</summary>
    [SupplyParameterFromQuery]
    private string? Step { get; set; }

    /// <summary>The handle of a token to duplicate.</summary>
    [SupplyParameterFromQuery]
    private string? From { get; set; }

    /// <summary>The ID of a template to begin with.</summary>
    [SupplyParameterFromQuery]
    private string? Template { get; set; }

    protected override async Task OnParametersSetAsync()
    {
        // Another page's address arrives before this page is gone.
        if (_draft is null || _leaving || navigation.ToAbsoluteUri(navigation.Uri).AbsolutePath != navigation.ToAbsoluteUri(Page).AbsolutePath)
            return;
        var isNew = (From is not null && From != _shownFrom) || (Template is not null && Template != _shownTemplate);
        (_shownFrom, _shownTemplate) = (From, Template);
        if (isNew)
        {
            _shownStep = Step;
            await ResetAsync();
            return;
        }

        if (Step == _shownStep)
            return;
        _shownStep = Step;
        var wanted = StepOf(Step);
        if (_announced.Contains(wanted))
        {
            while (_announced.Dequeue() != wanted)
            {
                // Overtaken by a later step.
            }

            return;
        }

        if (wanted != _draft.Step)
            await FollowAsync(_draft, wanted);
    }

    /// <summary>Goes where the user went with the browser's Back or Forward.</summary>
    private async Task FollowAsync(TokenDraft draft, WizardStep wanted)
    {
        if (draft.CreatedHandle is not null && wanted == WizardStep.General)
        {
            // A link to the wizard.
            await ResetAsync();
            return;
        }

        if (draft.CreatedHandle is not null)
        {
            // Back from the summary: the steps before it are done.
            _leaving = true;
            await browser.WriteTabAsync(StorageKey, null);
            navigation.NavigateTo("tokens", replace: true);
            return;
        }

        draft.Step = draft.Reachable(wanted, catalog, clock.GetUtcNow().UtcDateTime);
        await KeepAsync();
    }

    private void ShowStepInAddress(bool replace)
    {
        var step = _draft!.Step;
        var address = step == WizardStep.General ? Page : $"{Page}?step={((int)step + 1).ToString(CultureInfo.InvariantCulture)}";
        if (navigation.ToAbsoluteUri(address).AbsoluteUri == navigation.Uri)
            return;
        if (StepOf(Step) != step)
            _announced.Enqueue(step);
        navigation.NavigateTo(address, replace: replace);
    }

    private static WizardStep StepOf(string? number) =>
        int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) && Enum.IsDefined((WizardStep)(parsed - 1))
            ? (WizardStep)(parsed - 1) : WizardStep.General;

    /// <returns>Null: the address isn't a step of this wizard.</returns>
    private WizardStep? StepOfAddress(string address)
    {
        var target = navigation.ToAbsoluteUri(address);
        if (target.AbsolutePath != navigation.ToAbsoluteUri(Page).AbsolutePath)
            return null;
        const string Query = "?step=";
        return target.Query.Length == 0 ? WizardStep.General
            : target.Query.StartsWith(Query, StringComparison.Ordinal) ? StepOf(target.Query[Query.Length..])
            : null;
    }

    private async Task AskToStartOverAsync()
    {
        // An attempt without an answer may have created the token. Then there is nothing to discard.
        if (await FindResultAsync(_draft!))
            return;
        if (!_draft!.HasAnswers || await ConfirmDialog.AskAsync(
            dialogs, Texts.TokenCreate_StartOverTitle, [Texts.TokenCreate_StartOver], Texts.Token_StartOver, danger: true, cancel: Texts.TokenCreate_KeepDraft))
            await StartOverAsync();
    }

    /// <summary>Whether leaving would lose the key: it was neither viewed nor copied, and can't be shown again.</summary>
    private bool WouldLoseKey => _key is not null && !_handedOut && Options.Reveal == RevealPolicy.Once;

    private async Task<bool> MayLeaveKeyAsync() => !WouldLoseKey || await ConfirmDialog.AskAsync(
        dialogs, Texts.TokenCreate_LeaveKeyTitle, [Texts.TokenCreate_LeaveKey], Texts.TokenCreate_Leave, danger: true, cancel: Texts.TokenCreate_Stay);

    /// <summary>Whether closing the tab would lose the key or the answers, which only this tab keeps.</summary>
    private bool WouldLoseInput => WouldLoseKey || _draft is { HasAnswers: true };

    private async Task FinishAsync(string address)
    {
        if (!await MayLeaveKeyAsync())
            return;
        _leaving = true;
        await browser.WriteTabAsync(StorageKey, null);
        navigation.NavigateTo(address);
    }

    private async Task AskBeforeLeavingAsync(LocationChangingContext change)
    {
        if (_leaving || _draft is not { } draft)
            return;
        // A step of the wizard. Only the summary can't be left for another step.
        if (StepOfAddress(change.TargetLocation) is { } step && (draft.CreatedHandle is null || step == WizardStep.Summary))
            return;
        if (!await MayLeaveKeyAsync())
        {
            change.PreventNavigation();
            return;
        }

        if (draft.HasAnswers)
        {
            var leave = await ConfirmDialog.AskAsync(
                dialogs, Texts.TokenCreate_LeaveTitle, [draft.IsSent ? Texts.TokenCreate_LeaveUnknown : Texts.TokenCreate_LeaveUncreated],
                Texts.TokenCreate_Leave, danger: true, cancel: Texts.TokenCreate_Stay);
            if (!leave)
            {
                change.PreventNavigation();
                return;
            }
        }

        await browser.WriteTabAsync(StorageKey, null);
    }
}
