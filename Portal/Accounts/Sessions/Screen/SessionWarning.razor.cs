using Microsoft.AspNetCore.Components.Authorization;
using Portal.Access;
using Portal.Components.Shared;

namespace Portal.Accounts.Sessions.Screen;

/// <summary>Shows when the session is about to end, and lets the person stay signed in if it would end because it isn't used.</summary>
public sealed partial class SessionWarning(SessionService sessions, AuthenticationStateProvider authentication, TimeProvider clock) : ActionComponent, IDisposable
{
    /// <summary>How long before the end the warning appears, at most. For short sessions, it is a third of their length.</summary>
    internal static readonly TimeSpan Before = TimeSpan.FromMinutes(5);

    internal static readonly TimeSpan Pause = TimeSpan.FromSeconds(20);

    private Actor? _actor;
    private SessionEnd? _end;
    private TimeSpan? _left;
    private ITimer? _timer;
    private int _clicks;
    private bool _gone, _isReading;

    public void Dispose()
    {
        _gone = true;
        _timer?.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        _actor = PortalClaims.ActorOf((await authentication.GetAuthenticationStateAsync()).User);
        if (_actor?.SessionId is not null && RendererInfo.IsInteractive)
            _timer = clock.CreateTimer(_ => InvokeAsync(ReadAsync), null, Pause, Pause);
    }

    /// <summary>The click itself counts as use, so the warning is over.</summary>
    private void Stay()
    {
        _clicks++;
        _left = null;
    }

    private async Task ReadAsync()
    {
        if (_gone || _isReading)
            return;
        try
        {
            _isReading = true;
            var clicks = _clicks;
            var found = await sessions.FindEndAsync(_actor!);
            // It may have been read before the click.
            if (clicks != _clicks)
                return;
            _end = found;
        }
        catch (Exception exception)
        {
            // The next round may succeed, and a tab whose session has ended opens the sign-in page.
            LogFailure(exception);
            return;
        }
        finally
        {
            _isReading = false;
        }

        var shown = _left;
        _left = _end is { } end && end.At - clock.GetUtcNow().UtcDateTime is var left && left <= end.Warning(Before) ? left : null;
        if (_left is not null || shown is not null)
            StateHasChanged();
    }
}
