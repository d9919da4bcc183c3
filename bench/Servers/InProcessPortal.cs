using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Mvc.Testing;
using Portal.Data;

namespace Portal.Bench.Servers;

/// <summary>Portal within this process.</summary>
internal sealed class InProcessPortal : WebApplicationFactory<PortalDbContext>
{
    private readonly string _dataDirectory;
    private readonly MemoryTransport _transport;
    private readonly (string Name, string Value)[] _settings;

    public InProcessPortal(string dataDirectory, MemoryTransport transport, params (string Name, string Value)[] settings)
    {
        (_dataDirectory, _transport, _settings) = (dataDirectory, transport, settings);
        UseKestrel(0);
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder) => _settings.Aggregate(builder, (host, setting) => host.UseSetting(setting.Name, setting.Value))
        // So that the sandbox answers.
        .UseEnvironment(Environments.Development)
        .UseSetting(DataDirectory.SettingName, _dataDirectory)
        .ConfigureLogging(logging => logging.AddFilter((_, level) => level >= LogLevel.Error))
        .ConfigureServices(services => services.AddSingleton<IConnectionListenerFactory>(_transport));
}
