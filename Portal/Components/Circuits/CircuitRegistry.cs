using Microsoft.Extensions.Options;
using Portal.Access;

namespace Portal.Components.Circuits;

/// <summary>The open circuits by user, so that all tabs of a session can be closed when it ends.</summary>
internal sealed partial class CircuitRegistry : IDisposable
{
    /// <summary>The delay that lets the tab that signs out complete its own navigation before it is redirected. Services refuse
    /// immediately.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<UserCircuit>> _circuits = new(StringComparer.Ordinal);
    private readonly UserStates _users;
    private readonly UserChanges _changes;
    private readonly CircuitLimits _limits;
    private readonly TimeProvider _clock;
    private readonly ILogger<CircuitRegistry> _logger;

    public CircuitRegistry(UserStates users, UserChanges changes, IOptions<CircuitLimits> limits, TimeProvider clock, ILogger<CircuitRegistry> logger)
    {
        (_users, _changes, _limits, _clock, _logger) = (users, changes, limits.Value, clock, logger);
        changes.Published += OnUserChanged;
    }

    /// <summary>The number of open circuits, including disconnected ones.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _circuits.Values.Sum(circuits => circuits.Count);
        }
    }

    /// <summary>The circuits whose browsers are connected.</summary>
    public IReadOnlyList<UserCircuit> Connected()
    {
        lock (_lock)
            return [.. _circuits.Values.SelectMany(circuits => circuits).Where(circuit => circuit.IsConnected)];
    }

    /// <summary>Adds a circuit. If the limit is reached, it replaces the user's oldest disconnected circuit.</summary>
    /// <returns>False if the limit is reached and all circuits are connected.</returns>
    public bool TryAdd(UserCircuit circuit, string userId)
    {
        UserCircuit? leaves = null;
        lock (_lock)
        {
            if (!_circuits.TryGetValue(userId, out var circuits))
                _circuits[userId] = circuits = [];
            if (circuits.Count >= _limits.MaximumPerUser)
            {
                leaves = circuits.Find(other => !other.IsConnected);
                if (leaves is null)
                    return false;
                circuits.Remove(leaves);
            }

            circuits.Add(circuit);
        }

        leaves?.End();
        return true;
    }

    public void Remove(UserCircuit circuit, string userId)
    {
        lock (_lock)
        {
            if (_circuits.TryGetValue(userId, out var circuits) && circuits.Remove(circuit) && circuits.Count == 0)
                _circuits.Remove(userId);
        }
    }

    /// <summary>Ends the circuits whose sessions are no longer valid, with one database query for all of them.</summary>
    public async Task EndStaleAsync(CancellationToken cancellation)
    {
        UserCircuit[] open;
        lock (_lock)
            open = [.. _circuits.Values.SelectMany(circuits => circuits)];
        await EndStaleAsync(open, cancellation);
    }

    public void Dispose() => _changes.Published -= OnUserChanged;

    /// <param name="open">The circuits that were open before the query: one that opens during it may belong to a session that the query didn't
    /// include.</param>
    private async Task EndStaleAsync(UserCircuit[] open, CancellationToken cancellation)
    {
        if (open.Length == 0)
            return;
        var states = await _users.ReadAsync([.. open.Select(circuit => circuit.Actor!.Id).Distinct(StringComparer.Ordinal)], cancellation);
        var stale = open.Where(circuit => states.GetValueOrDefault(circuit.Actor!.Id)?.IsSessionValid(circuit.Actor) is not true).ToList();
        if (stale.Count == 0)
            return;
        await Task.Delay(Grace, _clock, cancellation);
        foreach (var circuit in stale)
            circuit.End();
    }

    private async void OnUserChanged(string userId)
    {
        UserCircuit[] open;
        lock (_lock)
            open = [.. _circuits.GetValueOrDefault(userId) ?? []];
        if (open.Length == 0)
            return;
        // The one who tells it goes on at once.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            await EndStaleAsync(open, CancellationToken.None);
        }
        catch (Exception exception)
        {
            // SessionWatch checks again in a moment.
            LogCheckFailed(exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The sessions of open pages could not be checked")]
    private partial void LogCheckFailed(Exception exception);
}
