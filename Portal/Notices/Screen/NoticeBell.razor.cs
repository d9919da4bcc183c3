using Microsoft.AspNetCore.Components.Authorization;
using Portal.Access;
using Portal.Accounts;
using Portal.Components.Shared;

namespace Portal.Notices.Screen;

/// <summary>Reads the notices when the page opens, and then once a minute.</summary>
public sealed partial class NoticeBell(NoticeList notices, NoticeMailStatus mail, AuthenticationStateProvider authentication, TimeProvider clock) : ActionComponent, IDisposable
{
    private const int Shown = 10;

    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(1);

    private Actor? _actor;
    private IReadOnlyList<NoticeEntry>? _notices;
    private ITimer? _refreshing;
    private bool _gone;

    private NoticeMailStatus Mail => mail;

    public void Dispose()
    {
        _gone = true;
        _refreshing?.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        _actor = PortalClaims.ActorOf((await authentication.GetAuthenticationStateAsync()).User);
        await LoadAsync();
        if (!_gone)
            _refreshing = clock.CreateTimer(_ => InvokeAsync(RefreshAsync), null, Freshness, Freshness);
    }

    private async Task RefreshAsync()
    {
        await LoadAsync();
        if (!_gone)
            StateHasChanged();
    }

    private async Task LoadAsync()
    {
        if (_gone || _actor is null)
            return;
        try
        {
            _notices = await notices.ReadAsync(_actor);
        }
        catch (Exception exception)
        {
            // The page itself reports what it can't read. The bell keeps what it has.
            LogFailure(exception);
        }
    }

    private string TitleOf(NoticeEntry notice) =>
        NoticeTexts.Describe(notice.Kind, notice.Name, notice.Handle, notice.ExpiresAt, new ReaderMoment(TimeZoneInfo.Utc, clock.GetUtcNow().UtcDateTime)).Title;
}
