using Portal.Data.Nodes;

namespace Portal.Components.Circuits;

/// <summary>Moves the open pages to another node: each browser gets the state of its page, encrypted, and continues with it wherever it connects.</summary>
internal sealed class CircuitHandover(CircuitRegistry circuits) : IHandover
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest time for which a page waits until the person has finished typing or closed a dialog.</summary>
    private static readonly TimeSpan Patience = NodeDrain.LongestHandover - TimeSpan.FromSeconds(5);

    public async Task HandOverAsync(CancellationToken cancellation)
    {
        // Includes pages that connected while others were moving.
        while (circuits.Connected() is { Count: > 0 } open)
        {
            foreach (var circuit in open)
                circuit.Move(Patience);
            await Task.Delay(Interval, cancellation);
        }
    }
}
