using Microsoft.AspNetCore.Components;
using MudBlazor;
using Portal.Access;
using Portal.Components.Shared;
using Portal.Data;
using Portal.Localization;
using Portal.Tokens.Reading;

namespace Portal.IpRules.Screen;

/// <summary>From where a token may be used, how often, and from where it was used lately.</summary>
public sealed partial class AccessCard(TokenAccessReader reader, IDialogService dialogs, IpRuleMessages messages, BrowserScript browser) : ActionComponent
{
    private const int MostListed = 8, MostSeen = 10;

    private ElementReference _title;
    private TokenAccess? _access;
    private TokenDetails? _loaded;
    private int _latest;
    private bool _showAll;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    /// <summary>The token. A new instance causes the card to read again.</summary>
    [Parameter, EditorRequired]
    public TokenDetails Token { get; set; } = default!;

    private bool MayChange => Actor.May(Role.Administrator) && Token.StoredStatus != StoredStatus.Deleted;

    private IReadOnlyList<SeenFrom> Shown => _showAll || _access!.Seen.Count <= MostSeen ? _access!.Seen : [.. _access.Seen.Take(MostSeen)];

    private string Limit => Token.Limit?.Describe() ?? Texts.GeneralTab_NoRateLimit;

    private IpRuleToken AsTarget => new(Token.Handle, Token.Name);

    protected override async Task OnParametersSetAsync()
    {
        // The page also renders without reading the token again.
        if (ReferenceEquals(_loaded, Token))
            return;
        if (_loaded?.Handle != Token.Handle)
            (_access, _showAll) = (null, false);
        _loaded = Token;
        try
        {
            await LoadAsync();
        }
        catch (Exception exception)
        {
            // Keep the current content. The next round of the page may succeed.
            if (_access is null)
                await ReportAsync(exception);
        }
    }

    /// <summary>The latest request wins, regardless of the order of the results.</summary>
    private async Task LoadAsync()
    {
        var asked = ++_latest;
        var read = await reader.ReadAsync(Actor, Token.Handle);
        if (asked == _latest)
            _access = read;
    }

    private async Task ReloadAsync()
    {
        await LoadAsync();
        StateHasChanged();
    }

    private async Task AddAsync() => await TellAsync(await IpRuleFormDialog.ShowAsync(dialogs, Actor, AsTarget));

    private async Task ProposeAsync() => await TellAsync(await IpRuleProposalsDialog.ShowAsync(dialogs, reader, Actor, AsTarget, null));

    private async Task TellAsync(IpRuleOutcome.Done? done)
    {
        if (done is null)
        {
            await browser.FocusBackAsync();
            return;
        }

        messages.ShowUndoable(Actor, TextFormat.Count(done.Added.Count, Texts.IpRules_Added, Texts.IpRules_AddedSeveral), done, ReloadAsync);
        await ReloadAsync();
        await _title.FocusAsync(preventScroll: true);
    }
}
