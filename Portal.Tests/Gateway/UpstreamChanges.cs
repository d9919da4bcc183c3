using System.Threading.Channels;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portal.Tests.Support;
using Yarp.ReverseProxy.Configuration;

namespace Portal.Tests.Gateway;

/// <summary>A settings file that changes while Portal runs, and Portal's reaction.</summary>
internal sealed class UpstreamChanges : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryDirectory _directory = new();
    private readonly Channel<string> _log = Channel.CreateUnbounded<string>();
    private readonly Channel<bool> _applied = Channel.CreateUnbounded<bool>();
    private readonly string _file;

    /// <param name="upstream">The upstream of Agreements, as JSON.</param>
    public UpstreamChanges(string upstream)
    {
        _file = Path.Combine(_directory.Path, "changing.json");
        Save(Written(upstream));
    }

    public Task<GatewayRun> StartAsync() => GatewayRun.StartAsync(null, null, builder =>
    {
        builder.ConfigureAppConfiguration((_, configuration) => configuration.AddJsonFile(_file, optional: false, reloadOnChange: true));
        builder.ConfigureLogging(logging => logging.AddProvider(new Listener(_log.Writer)));
        builder.ConfigureServices(services => services.AddSingleton<IConfigChangeListener>(new Applied(_applied.Writer)));
    });

    /// <summary>Changes the upstream of Agreements and waits until the change is applied.</summary>
    public async Task ApplyAsync(string upstream)
    {
        while (_applied.Reader.TryRead(out _))
            continue;
        Save(Written(upstream));
        await _applied.Reader.ReadAsync().AsTask().WaitAsync(Patience);
    }

    /// <summary>Writes the text into the file and waits until Portal logs a line with the words.</summary>
    public async Task<string> SaveAsync(string text, string words)
    {
        Save(text);
        while (true)
            if (await _log.Reader.ReadAsync().AsTask().WaitAsync(Patience) is var line && line.Contains(words, StringComparison.Ordinal))
                return line;
    }

    public static string Written(string upstream) => """{"Catalog":{"Modules":[{"Upstream":""" + upstream + "}]}}";

    public void Dispose() => _directory.Dispose();

    /// <summary>Replaces the file atomically, so that Portal never reads half of it.</summary>
    private void Save(string text)
    {
        File.WriteAllText(_file + ".new", text);
        File.Move(_file + ".new", _file, overwrite: true);
    }

    private sealed class Applied(ChannelWriter<bool> applied) : IConfigChangeListener
    {
        public void ConfigurationApplied(IReadOnlyList<IProxyConfig> proxyConfigs) => applied.TryWrite(true);

        public void ConfigurationLoaded(IReadOnlyList<IProxyConfig> proxyConfigs)
        {
        }

        public void ConfigurationLoadingFailed(IProxyConfigProvider configProvider, Exception exception)
        {
        }

        public void ConfigurationApplyingFailed(IReadOnlyList<IProxyConfig> proxyConfigs, Exception exception)
        {
        }
    }

    private sealed class Listener(ChannelWriter<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.TryWrite($"{logLevel}: {formatter(state, exception)}");

        public void Dispose()
        {
        }
    }
}
