using Microsoft.AspNetCore.Components;
using MudBlazor;
using Portal.Access;
using Portal.Accounts.SecondFactor.Screen;
using Portal.Components.Shared;
using Portal.Localization;

namespace Portal.Accounts.Passkeys.Screen;

/// <summary>Lists, adds, renames and removes the passkeys of the signed-in person.</summary>
public sealed partial class PasskeyCard(
    PasskeyService passkeys, PasskeyCeremonies ceremonies, IDialogService dialogs, Messages messages, BrowserScript browser, NavigationManager navigation) : ActionComponent
{
    private IReadOnlyList<PasskeyEntry>? _passkeys;
    private string? _refusal;
    private bool _isSupported;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    /// <summary>Raised after a passkey was added or removed.</summary>
    [Parameter]
    public EventCallback OnChanged { get; set; }

    private PasskeySite Site => new(new Uri(navigation.BaseUri));

    protected override async Task OnInitializedAsync()
    {
        _isSupported = ceremonies.Support(Site);
        await LoadAsync();
    }

    private async Task LoadAsync() => _passkeys = await passkeys.ListAsync(Actor);

    private async Task AddAsync()
    {
        // Asks for a proof now, not in the dialog.
        var name = await passkeys.ProposeNameAsync(Actor);
        _refusal = _passkeys!.Count >= PasskeyService.MostPasskeys ? Texts.Passkeys_TooMany.With(PasskeyService.MostPasskeys) : null;
        if (_refusal is not null)
            return;
        IReadOnlyList<string>? codes = null;
        var isAdded = await PasskeyDialog.ShowAsync(dialogs, Texts.Passkeys_Add, Texts.Passkeys_Create, Texts.Passkeys_AddHint, name, async wanted =>
        {
            var added = await CreateAsync(wanted);
            codes = added.RecoveryCodes;
            return new PasskeyDialog.Attempt(added is { Fault: null }, added.Fault is "" ? null : added.Fault);
        });
        if (isAdded)
            messages.Show(Texts.Passkeys_Added);
        if (codes is not null)
            await SecondFactorDialog.ShowCodesAsync(dialogs, codes);
        await AfterDialogAsync();
    }

    /// <returns>An empty error message: the person canceled.</returns>
    private async Task<PasskeyAddition> CreateAsync(string name)
    {
        var request = await passkeys.BeginAsync(Actor, Site);
        var reply = await browser.CreatePasskeyAsync(request.Options);
        return reply.Credential is { } credential
            ? await passkeys.AddAsync(Actor, name, new PasskeyAnswer(request.Challenge, credential, Site))
            : new PasskeyAddition(reply.Fault switch
            {
                PasskeyReply.Cancelled => "",
                PasskeyReply.Exists => Texts.Passkeys_Exists,
                PasskeyReply.Unsupported => Texts.Passkeys_Unsupported,
                _ => Texts.Passkeys_NotCreated,
            });
    }

    private async Task RenameAsync(PasskeyEntry passkey)
    {
        if (await PasskeyDialog.ShowAsync(dialogs, Texts.Passkeys_RenameTitle, Texts.Passkeys_Rename, null, passkey.Name, async wanted =>
            await passkeys.RenameAsync(Actor, passkey.Id, wanted) is { } fault ? new PasskeyDialog.Attempt(false, fault) : new PasskeyDialog.Attempt(true)))
            messages.Show(Texts.Passkeys_Renamed);
        await AfterDialogAsync();
    }

    private async Task RemoveAsync(PasskeyEntry passkey)
    {
        _refusal = null;
        if (await ConfirmDialog.AskAsync(
            dialogs, Texts.Passkeys_RemoveTitle.With(passkey.Name), [Texts.Passkeys_RemoveHint], Texts.Passkeys_Remove, danger: true,
            act: async () => _refusal = await passkeys.RemoveAsync(Actor, passkey.Id)) && _refusal is null)
            messages.Show(Texts.Passkeys_Removed);
        await AfterDialogAsync();
    }

    private async Task AfterDialogAsync()
    {
        await LoadAsync();
        StateHasChanged();
        await OnChanged.InvokeAsync();
        await browser.FocusBackAsync();
    }

    /// <summary>Starts an action without awaiting it: the menu closes when its handler returns, and a dialog may stay open for minutes.</summary>
    private void Start(Func<Task> action) => _ = StartAsync(action);

    private async Task StartAsync(Func<Task> action)
    {
        try
        {
            await WithProofAsync(action);
        }
        catch (Exception exception)
        {
            await ReportAsync(exception);
        }
    }
}
