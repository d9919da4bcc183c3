using System.Diagnostics.CodeAnalysis;

namespace Portal.Data;

/// <summary>Whose turn it is to write. SQLite lets one write at a time, and whoever finds it taken looks again only now and
/// then: a person's change could miss its chance between two batches of statistics again and again.</summary>
/// <remarks>A courtesy and no lock: whoever waited for a second goes on, and the database decides.</remarks>
[SuppressMessage("Design", "CA1001", Justification = "Without a wait handle there is nothing to free, and writing may go on while the host lets go.")]
public sealed class WriteTurn
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Waits for the turn; letting go of what is returned ends it.</summary>
    public async Task<IDisposable> TakeAsync(CancellationToken cancellation) =>
        await _turn.WaitAsync(Patience, cancellation) ? new Taken(_turn) : new Taken(null);

    private sealed class Taken(SemaphoreSlim? turn) : IDisposable
    {
        private SemaphoreSlim? _turn = turn;

        public void Dispose() => Interlocked.Exchange(ref _turn, null)?.Release();
    }
}
