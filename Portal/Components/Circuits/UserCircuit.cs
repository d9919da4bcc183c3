using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Portal.Access;
using Portal.Accounts;

namespace Portal.Components.Circuits;

/// <summary>One circuit, which is one open page in a browser tab, and the person who uses it.</summary>
internal sealed class UserCircuit(CircuitRegistry registry, AuthenticationStateProvider authentication) : CircuitHandler
{
    private int _ended;

    /// <summary>Null: nobody is signed in, or the circuit has not begun.</summary>
    public Actor? Actor { get; private set; }

    /// <summary>Whether the browser is connected. A circuit waits for a while for a connection that was lost.</summary>
    public bool IsConnected { get; private set; }

    /// <summary>Whether the person has so many open pages already that this one shows only that.</summary>
    public bool IsOneTooMany { get; private set; }

    /// <summary>Takes its power from the circuit and leads the tab to the sign-in page; now, or when it connects again.</summary>
    public void End()
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0 && authentication is CircuitAuthentication circuit)
            circuit.End();
    }

    /// <summary>Before the first component of the circuit is made.</summary>
    public override async Task OnCircuitOpenedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        Actor = PortalClaims.ActorOf((await authentication.GetAuthenticationStateAsync()).User);
        IsConnected = true;
        if (Actor is not null)
            IsOneTooMany = !registry.TryAdd(this, Actor.Id);
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
