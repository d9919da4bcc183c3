using Portal.Data;
using Portal.Localization;
using Portal.Policies;
using Portal.Tokens.Approvals;
using Portal.Tokens.Details;
using Portal.Tokens.Reading;

namespace Portal.Tokens.Create;

/// <summary>Creates the token once, finds the result of an attempt whose response was lost, and hands out the key.</summary>
public sealed partial class TokenCreate
{
    /// <summary>Checks the result of an attempt whose response was lost. Even if the draft was edited since, that token belongs to it:
    /// the summary shows the token, and lists the input that it doesn't have.</summary>
    /// <returns>Whether the attempt created the token.</returns>
    private async Task<bool> FindResultAsync(TokenDraft draft)
    {
        if (!draft.IsSent || draft.CreatedHandle is not null || await reader.FindCreatedAsync(_actor!, draft.CreationId) is not { } created)
            return false;
        await ShowResultAsync(draft, created.Handle, key: null, earlier: true);
        return true;
    }

    private async Task<TokenDetails?> ShowResultAsync(TokenDraft draft, string handle, ApiKey? key, bool earlier)
    {
        // If an attempt is repeated after a failure, the result may lack the key.
        (draft.CreatedHandle, draft.WasCreatedEarlier, draft.IsSent, _key) = (handle, earlier, false, key ?? _key);
        try
        {
            // Before the summary appears: its first field gets the focus and must not be replaced afterwards.
            return await ReadCreatedAsync();
        }
        finally
        {
            await GoToAsync(WizardStep.Summary);
        }
    }

    /// <summary>The rules that require approval of the token.</summary>
    private ApprovalNeed Need => _draft is { Step: WizardStep.Permissions } draft && ApprovalRules.ApplyTo(_actor!)
        ? ApprovalRules.OfNew(_policies.Of(draft.ExtensionId), catalog, ToNewToken(draft), WholeSeconds.Now(clock))
        : ApprovalNeed.None;

    private Task KeepNoteAsync(string note)
    {
        _draft!.ApprovalNote = note;
        return KeepAsync();
    }

    /// <param name="asks">Whether to request the token if it needs approval.</param>
    private async Task CreateAsync(TokenDraft draft, bool asks)
    {
        var wasSent = draft.IsSent;
        // Stored before the request, because its response may be lost together with this page.
        draft.IsSent = true;
        await browser.WriteTabAsync(StorageKey, DraftSerializer.Write(draft));
        switch (await tokens.CreateAsync(_actor!, ToNewToken(draft) with { Ask = asks ? new ApprovalAsk(draft.ApprovalNote) : null }))
        {
            case TokenOutcome.Done done:
                var created = await ShowResultAsync(draft, done.Handle, done.Key, done.WasCreatedEarlier);
                if (!wasSent && done.WasCreatedEarlier && created is not null && created.Name != draft.Name.Trim())
                    await CreateOwnAsync(draft, asks);
                break;
            case TokenOutcome.Requested requested:
                messages.Show((requested.IsEarlier ? Texts.Approval_RequestedEarlier : Texts.Approval_RequestedMessage).With(draft.Name.Trim()));
                await FinishAsync($"approvals/{requested.RequestId}");
                break;
            case TokenOutcome.NeedsApproval:
                // The policy has changed since the page was opened. The button now says so.
                draft.IsSent = false;
                _policies = await policies.ReadAsync(_actor!);
                break;
            case TokenOutcome.Refused refused:
                draft.IsSent = false;
                Area!.Show(refused.Message);
                break;
            case TokenOutcome.Invalid invalid:
                // Something changed since the step was completed: the name was taken, the time passed, or a module was removed.
                draft.IsSent = false;
                draft.ShowsLimits |= invalid.Faults.Any(fault => fault.Field is TokenField.RateLimit or TokenField.Addresses);
                await GoToAsync(TokenDraft.StepOf(invalid.Faults[0].Field));
                _faults = invalid.Faults;
                break;
        }
    }

    private NewToken ToNewToken(TokenDraft draft)
    {
        var wanted = draft.ToNewToken(clock.GetUtcNow().UtcDateTime);
        return MaySetAddresses ? wanted : wanted with { Addresses = [] };
    }

    /// <summary>Creates the token with a new ID. Used if this tab is a duplicate that has sent nothing itself, and the other tab has already created
    /// a token from the draft.</summary>
    private Task CreateOwnAsync(TokenDraft draft, bool asks)
    {
        (draft.CreationId, draft.CreatedHandle) = (Guid.CreateVersion7(), null);
        (_created, _key, _leftOut, draft.WasCreatedEarlier) = (null, null, [], false);
        return CreateAsync(draft, asks);
    }

    /// <summary>Reads the token for the summary. If this fails, the key can still be viewed and copied.</summary>
    private async Task<TokenDetails?> ReadCreatedAsync()
    {
        _created = await reader.FindAsync(_actor!, _draft!.CreatedHandle!);
        _addresses = _created is null ? [] : await ReadAddressesAsync(_created.Handle);
        _leftOut = _created is not null && _draft.WasCreatedEarlier ? UnsavedDraftFields.Describe(_draft, _created, _addresses, catalog) : [];
        return _created;
    }

    /// <summary>Whether the key is lost: it was in a response that didn't arrive, and is shown only once.</summary>
    private bool IsKeyLost => _draft!.WasCreatedEarlier && _key is null && Options.Reveal == RevealPolicy.Once;

    /// <summary>Opens the edit form with the input that the token doesn't have, for the user to review and save.</summary>
    private async Task EditLeftOutAsync()
    {
        if (UnsavedDraftFields.ToEditDraft(_draft!, _created!, catalog) is { } edits)
            await browser.WriteTabAsync(TokenEditPage.DraftKey(_actor!, _created!.Handle), edits);
        await FinishAsync($"tokens/{_created!.Handle}/edit");
    }

    /// <summary>Returns the new key if it is still in memory; after a reload, requests it again.</summary>
    private async Task<RevealOutcome> RevealAsync(string purpose)
    {
        var outcome = _key is not null
            ? await tokens.HandOutAsync(_actor!, _key, purpose)
            : await tokens.RevealAsync(_actor!, _draft!.CreatedHandle!, KeySlot.Newest, purpose);
        _handedOut |= outcome is RevealOutcome.Shown;
        // The buttons below show the next step.
        StateHasChanged();
        return outcome;
    }

    private string Command(string headerValue) => ExampleCommand.Curl(navigation.BaseUri, _created!, catalog, headerValue);
}
