using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using MudBlazor;
using Portal.Access;
using Portal.Components.Shared;
using Portal.Data;
using Portal.Localization;
using Portal.Tokens.Reading;

namespace Portal.Accounts.Users.Screen;

/// <summary>The people who can sign in, and the invitations that nobody has accepted yet. For administrators.</summary>
public sealed partial class UsersPage(
    UserReader reader, OwnerReader owners, UserService users, InvitationService invitations, IDialogService dialogs, Messages messages, BrowserScript browser,
    NavigationManager navigation, AuthenticationStateProvider authentication, TimeProvider clock) : ActionComponent, IDisposable
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(3);

    private Actor? _actor;
    private UserList? _list;
    private ITimer? _refreshing;
    private string? _refusal;
    private bool _denied, _gone, _isRefreshing, _isRenewing;

    private TimeProvider Clock => clock;

    public void Dispose()
    {
        _gone = true;
        _refreshing?.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        _actor = await authentication.GetActorAsync();
        _denied = !_actor.May(Role.Administrator);
        if (_denied)
            return;
        await LoadAsync();
        _refreshing = clock.CreateTimer(_ => InvokeAsync(RefreshAsync), null, Freshness, Freshness);
    }

    private async Task LoadAsync() => _list = await reader.ListAsync(_actor!);

    private async Task RefreshAsync()
    {
        if (_gone || _isRefreshing)
            return;
        try
        {
            _isRefreshing = true;
            await LoadAsync();
        }
        catch (Exception exception)
        {
            // Keeps the current content. The next round may succeed, and a tab whose session has ended opens the sign-in page.
            LogFailure(exception);
        }
        finally
        {
            _isRefreshing = false;
        }

        StateHasChanged();
    }

    private async Task InviteAsync()
    {
        await InviteDialog.ShowAsync(dialogs, navigation.BaseUri, (email, role) => invitations.InviteAsync(_actor!, email, role));
        await AfterDialogAsync();
    }

    private async Task RenewAsync(InvitationEntry invitation)
    {
        // A second link would end the first one, which is about to be shown.
        if (_isRenewing)
            return;
        try
        {
            _isRenewing = true;
            await ShowAsync(await invitations.InviteAsync(_actor!, invitation.Email, invitation.Role), null);
        }
        finally
        {
            _isRenewing = false;
        }
    }

    private Task WithdrawAsync(InvitationEntry invitation) => ConfirmAsync(
        Texts.Users_WithdrawTitle, Texts.Users_WithdrawHint.With(invitation.Email), Texts.Users_Withdraw,
        () => invitations.WithdrawAsync(_actor!, invitation.Id), Texts.Users_Withdrawn.With(invitation.Email));

    private async Task ChangeRoleAsync(UserEntry user)
    {
        if (user.IsManaged && _list!.GroupsDecideRoles)
            await ShowAsync(new UserOutcome.Refused(Texts.Users_RoleByGroups), null);
        else if (await RoleDialog.ShowAsync(dialogs, user, role => users.ChangeRoleAsync(_actor!, user.Id, role)) is { } changed)
            await ShowAsync(changed.Outcome, Texts.Users_RoleChanged.With(user.Name, RoleNames.NameOf(changed.Role)));
        else
            await AfterDialogAsync();
    }

    private Task ResetPasswordAsync(UserEntry user) => ConfirmAsync(
        Texts.Users_ResetTitle.With(user.Name), Texts.Users_ResetHint, Texts.Users_ResetPassword, () => users.ResetPasswordAsync(_actor!, user.Id), null);

    private Task RemoveSecondFactorAsync(UserEntry user) => ConfirmAsync(
        Texts.SecondFactor_RemoveOfTitle.With(user.Name), Texts.SecondFactor_RemoveOfHint, Texts.SecondFactor_Remove,
        () => users.RemoveSecondFactorAsync(_actor!, user.Id), Texts.SecondFactor_RemovedOf.With(user.Name));

    private Task DisableAsync(UserEntry user) => ConfirmAsync(
        Texts.Users_DisableTitle.With(user.Name), Texts.Users_DisableHint, Texts.Users_Disable, () => users.DisableAsync(_actor!, user.Id), Texts.Users_DisabledDone.With(user.Name));

    private async Task EnableAsync(UserEntry user) => await ShowAsync(await users.EnableAsync(_actor!, user.Id), Texts.Users_EnabledDone.With(user.Name));

    private Task RemoveAsync(UserEntry user) => HandOverAsync(user, isRemoval: true, owner => users.RemoveAsync(_actor!, user.Id, owner), Texts.Users_Removed.With(user.Name));

    private Task HandOverAsync(UserEntry user) =>
        HandOverAsync(user, isRemoval: false, owner => users.HandOverTokensAsync(_actor!, user.Id, owner), Texts.Users_HandedOver.With(user.Name));

    private async Task HandOverAsync(UserEntry user, bool isRemoval, Func<OwnerChoice, Task<UserOutcome>> change, string done)
    {
        var (tokens, options) = (await owners.CountAsync(_actor!, user.Id), await owners.ListAsync(_actor!));
        if (await HandOverDialog.ShowAsync(dialogs, user, tokens, options, isRemoval, change) is { } outcome)
            await ShowAsync(outcome, done);
        else
            await AfterDialogAsync();
    }

    /// <summary>Asks first, and makes the change while the dialog is open, so that it can show an error and allow a retry.</summary>
    /// <param name="done">The message after the change; null: the change returns a link to show.</param>
    private async Task ConfirmAsync(string title, string line, string confirm, Func<Task<UserOutcome>> change, string? done)
    {
        UserOutcome? outcome = null;
        if (await ConfirmDialog.AskAsync(dialogs, title, [line], confirm, danger: true, act: async () => outcome = await change()))
            await ShowAsync(outcome!, done);
        else
            await AfterDialogAsync();
    }

    /// <summary>Shows the outcome: a link to hand out, a message, or why nothing was changed.</summary>
    private async Task ShowAsync(UserOutcome outcome, string? done)
    {
        _refusal = outcome switch
        {
            UserOutcome.Refused refused => refused.Message,
            UserOutcome.Invalid invalid => invalid.Faults[0].Message,
            UserOutcome.NotFound => Texts.Users_Gone,
            _ => null,
        };
        if (outcome is UserOutcome.Done { Link: { } link })
            await LinkDialog.ShowAsync(dialogs, navigation.BaseUri, link);
        else if (outcome is UserOutcome.Done && done is not null)
            messages.Show(done);
        await AfterDialogAsync();
    }

    private async Task AfterDialogAsync()
    {
        await LoadAsync();
        StateHasChanged();
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
