using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Mvc.Testing;
using Portal.Data;

namespace Portal.Bench.Servers;

/// <summary>Portal within this process.</summary>
internal sealed class InProcessPortal : WebApplicationFactory<PortalDbContext>
{
    private readonly string _dataDirectory;
    private readonly MemoryTransport _transport;

    public InProcessPortal(string dataDirectory, MemoryTransport transport)
    {
        (_dataDirectory, _transport) = (dataDirectory, transport);
        UseKestrel(0);
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder) => builder
        // So that the sandbox answers.
        .UseEnvironment(Environments.Development)
        .UseSetting(DataDirectory.SettingName, _dataDirectory)
        .ConfigureLogging(logging => logging.AddFilter((_, level) => level >= LogLevel.Error))
        .ConfigureServices(services => services.AddSingleton<IConnectionListenerFactory>(_transport));
}
