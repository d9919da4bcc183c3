using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using MudBlazor;
using Portal.Access;
using Portal.Accounts;
using Portal.Accounts.Profile;
using Portal.Components.Shared;
using Portal.Data;
using Portal.Localization;
using Portal.Tokens;
using Portal.Tokens.Reading;

namespace Portal.Notices.Screen;

/// <summary>Where the link <em>Not mine any more</em> of a mail leads. Nothing changes until the person confirms it.</summary>
public sealed partial class NotMinePage(
    TokenReader reader, TokenService tokens, ProfileService profiles, Messages messages, NavigationManager navigation, AuthenticationStateProvider authentication) : ActionComponent
{
    private Actor? _actor;
    private TokenDetails? _token;
    private bool _missing, _isMine, _busy;

    [Parameter]
    public string Handle { get; set; } = "";

    protected override async Task OnParametersSetAsync()
    {
        _actor ??= await authentication.GetActorAsync();
        _token = await reader.FindAsync(_actor, Handle);
        _missing = _token is null;
        if (_token is null)
            return;
        var email = (await profiles.ReadAsync(_actor)).Email;
        _isMine = _token.StoredStatus != StoredStatus.Deleted
            && (_token.Owner?.Code == OwnerChoice.OfUser(_actor.Id).Code || string.Equals(_token.Contact, email, StringComparison.OrdinalIgnoreCase));
    }

    private async Task RenounceAsync()
    {
        if (_busy)
            return;
        try
        {
            _busy = true;
            if (await tokens.RenounceAsync(_actor!, Handle) is not TokenOutcome.Done)
            {
                messages.Show(Texts.TokenDialogs_DeletedMeanwhile, Severity.Warning);
                return;
            }

            messages.Show(Texts.NotMine_Done, Severity.Success);
            navigation.NavigateTo($"tokens/{Handle}");
        }
        finally
        {
            _busy = false;
        }
    }
}
