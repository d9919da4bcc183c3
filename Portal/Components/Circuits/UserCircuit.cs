using System.Globalization;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.JSInterop;
using Portal.Access;
using Portal.Accounts;
using Portal.Accounts.Sessions;
using Portal.Components.Shared;

namespace Portal.Components.Circuits;

/// <summary>One circuit, which corresponds to an open page in a browser tab, and its user.</summary>
internal sealed class UserCircuit(CircuitRegistry registry, SessionRecorder sessions, AuthenticationStateProvider authentication, BrowserScript browser) : CircuitHandler, IUserActivity
{
    // A circuit is created within the request that opens it.
    private readonly (CultureInfo Culture, CultureInfo Language) _language = (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture);
    private int _ended;
    private bool _moves;

    /// <summary>Null if no one is signed in or the circuit hasn't started.</summary>
    public Actor? Actor { get; private set; }

    /// <summary>Whether the browser is connected. A circuit waits for a while for a lost connection to return.</summary>
    public bool IsConnected { get; private set; }

    /// <summary>Whether the person has reached the limit of open pages, so that this one shows only a message.</summary>
    public bool ExceedsPageLimit { get; private set; }

    /// <summary>Runs work on the circuit after the events that arrived before it. Set by the first component: there are no events before.</summary>
    public Func<Func<Task>, Task>? Dispatch { get; set; }

    public void Note()
    {
        if (Actor is not null)
            sessions.Note(Actor);
    }

    /// <summary>Removes the circuit's user and redirects the tab to the sign-in page, now or when it reconnects.</summary>
    public void End()
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0 || authentication is not CircuitAuthentication circuit)
            return;
        // Pages are rendered in the culture of the code that changes them. Here it isn't this person's.
        var (culture, language) = (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture);
        try
        {
            UseLanguage();
            circuit.End();
        }
        finally
        {
            (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = (culture, language);
        }
    }

    /// <summary>Asks the browser to continue with this page on another node. A second call does nothing.</summary>
    /// <param name="patience">The longest time for which the browser may wait until the person isn't in the middle of something.</param>
    public void Move(TimeSpan patience)
    {
        if (_moves || Dispatch is null)
            return;
        _moves = true;
        _ = Dispatch(async () =>
        {
            try
            {
                await browser.MoveAsync(patience);
            }
            catch (Exception exception) when (exception is JSException or JSDisconnectedException or OperationCanceledException)
            {
                // The browser has left, or reconnects elsewhere when this node has stopped.
            }
        });
    }

    /// <summary>Keeps the page's language: the person may have chosen another one elsewhere before the tab reconnects. Also keeps the order of
    /// arrival: Blazor forgets replaced event handlers when the browser confirms that it shows the new ones. If a confirmation overtakes a click
    /// that waits for a slow render, the click is lost.</summary>
    public override Func<CircuitInboundActivityContext, Task> CreateInboundActivityHandler(Func<CircuitInboundActivityContext, Task> next) =>
        async activity =>
        {
            UseLanguage();
            await (Dispatch is null ? next(activity) : Dispatch(() => next(activity)));
        };

    private void UseLanguage() => (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = _language;

    /// <summary>Runs before the first component of the circuit is created.</summary>
    public override async Task OnCircuitOpenedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        Actor = PortalClaims.ActorOf((await authentication.GetAuthenticationStateAsync()).User);
        IsConnected = true;
        if (Actor is not null)
            ExceedsPageLimit = !registry.TryAdd(this, Actor.Id);
    }

    public override Task OnConnectionUpAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        IsConnected = true;
        return Task.CompletedTask;
    }

    public override Task OnConnectionDownAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        IsConnected = false;
        return Task.CompletedTask;
    }

    public override Task OnCircuitClosedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        if (Actor is not null)
            registry.Remove(this, Actor.Id);
        return Task.CompletedTask;
    }
}
