using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Options;
using Portal.Data.Nodes;

namespace Portal.Hosting;

/// <summary>Stops Portal on a signal, as the console's lifetime does, but only after <see cref="NodeDrain"/>. A second signal stops it at once.</summary>
/// <remarks>The host itself has no phase for this: when it begins to stop, it closes the connections of all pages first.</remarks>
internal sealed class DrainingLifetime(
    IOptions<ConsoleLifetimeOptions> options, IHostEnvironment environment, IHostApplicationLifetime application, NodeDrain drain, IOptions<HostOptions> host, ILoggerFactory loggers)
    : IHostLifetime, IDisposable
{
    private readonly ConsoleLifetime _console = new(options, environment, new Delayed(application, drain), host, loggers);

    public Task WaitForStartAsync(CancellationToken cancellationToken) => _console.WaitForStartAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => _console.StopAsync(cancellationToken);

    public void Dispose() => _console.Dispose();

    private sealed class Delayed(IHostApplicationLifetime application, NodeDrain drain) : IHostApplicationLifetime
    {
        public CancellationToken ApplicationStarted => application.ApplicationStarted;

        public CancellationToken ApplicationStopping => application.ApplicationStopping;

        public CancellationToken ApplicationStopped => application.ApplicationStopped;

        public void StopApplication() => _ = StopAsync();

        private async Task StopAsync()
        {
            await drain.RunAsync();
            application.StopApplication();
        }
    }
}
