using Portal.Data.Nodes;

namespace Portal.Tests.Data.Nodes;

/// <summary>Counts notifications.</summary>
internal sealed class SentNotifications : IChangeNotifications
{
    private int _sent;

    public bool IsListening { get; set; }

    public int Sent => Volatile.Read(ref _sent);

    public Task SendAsync(CancellationToken cancellation)
    {
        Interlocked.Increment(ref _sent);
        return Task.CompletedTask;
    }
}
