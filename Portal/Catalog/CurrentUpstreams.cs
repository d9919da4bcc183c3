using System.Collections.Frozen;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Portal.Catalog;

/// <summary>The current upstreams of the modules. They follow changes of the configuration.</summary>
/// <remarks>Modules, paths and extensions are fixed while the process runs. A change with any error is
/// rejected completely.</remarks>
public sealed partial class CurrentUpstreams : IDisposable
{
    private readonly IConfiguration _configuration;
    private readonly ModuleCatalog _catalog;
    private readonly IValidateOptions<CatalogOptions> _validator;
    private readonly ILogger<CurrentUpstreams> _logger;
    private readonly IDisposable _watch;
    private readonly Lock _reading = new();
    private volatile FrozenDictionary<string, Upstream> _all;

    public CurrentUpstreams(
        IConfiguration configuration, IOptions<CatalogOptions> options, ModuleCatalog catalog, IValidateOptions<CatalogOptions> validator,
        ILogger<CurrentUpstreams> logger)
    {
        (_configuration, _catalog, _validator, _logger) = (configuration, catalog, validator, logger);
        _all = Read(options.Value, FrozenDictionary<string, Upstream>.Empty);
        ReportUnreadableFiles();
        _watch = ChangeToken.OnChange(configuration.GetReloadToken, ReadAgain);
    }

    /// <summary>Raised after <see cref="All"/> has changed.</summary>
    public event Action? Changed;

    /// <summary>The upstreams by module ID, without modules that have none.</summary>
    public IReadOnlyDictionary<string, Upstream> All => _all;

    public void Dispose() => _watch.Dispose();

    private void ReadAgain()
    {
        lock (_reading)
        {
            if (TryRead() is not { } options)
                return;
            ReportRestartNeeded(options);
            var before = _all;
            var now = Read(options, before);
            var changed = _catalog.Modules.Where(module => !Same(before.GetValueOrDefault(module.Id), now.GetValueOrDefault(module.Id))).ToList();
            if (changed.Count == 0)
                return;
            _all = now;
            Changed?.Invoke();
            foreach (var module in changed)
                LogChanged(module.Name, module.Id, now.GetValueOrDefault(module.Id) is { } upstream ? string.Join(", ", upstream.Destinations) : "nothing");
        }
    }

    /// <returns>Null: invalid.</returns>
    private CatalogOptions? TryRead()
    {
        var options = new CatalogOptions();
        try
        {
            CatalogExtensions.Bind(options, _configuration);
        }
        catch (InvalidOperationException exception)
        {
            LogRefused(Words(exception));
            return null;
        }

        if (_validator.Validate(null, options) is not { Failed: true } faults)
            return options;
        LogRefused(string.Join(' ', faults.Failures));
        return null;
    }

    /// <summary>Creates the upstreams. A module that was removed from the configuration is served until the next restart.</summary>
    private FrozenDictionary<string, Upstream> Read(CatalogOptions options, IReadOnlyDictionary<string, Upstream> before)
    {
        var written = options.Modules.ToDictionary(module => module.Id, module => module.Upstream);
        return _catalog.Modules
            .Select(module => (module.Id, Upstream: written.TryGetValue(module.Id, out var upstream)
                ? upstream is null ? null : Upstream.From(upstream)
                : before.GetValueOrDefault(module.Id)))
            .Where(entry => entry.Upstream is not null)
            .ToFrozenDictionary(entry => entry.Id, entry => entry.Upstream!);
    }

    private void ReportRestartNeeded(CatalogOptions options)
    {
        var isSame = options.Modules.Count == _catalog.Modules.Count && options.Modules.All(module =>
            _catalog.FindModule(module.Id) is { } known && known.Name == module.Name.Trim() && known.Paths.SequenceEqual(module.Paths));
        if (!isSame)
            LogNeedsRestart();
    }

    /// <summary>Reports a file that is no longer valid JSON, which would otherwise be ignored silently.</summary>
    private void ReportUnreadableFiles()
    {
        foreach (var file in (_configuration as IConfigurationRoot)?.Providers.OfType<FileConfigurationProvider>() ?? [])
        {
            var before = file.Source.OnLoadException;
            file.Source.OnLoadException = context =>
            {
                LogRefused($"{file.Source.Path}: {context.Exception.GetBaseException().Message}");
                before?.Invoke(context);
            };
        }
    }

    /// <summary>The message of the innermost exception of the binder, which names the key.</summary>
    private static string Words(Exception exception)
    {
        while (exception.InnerException is InvalidOperationException inner)
            exception = inner;
        return exception.Message;
    }

    private static bool Same(Upstream? left, Upstream? right) => left is null ? right is null : left.IsSameAs(right);

    [LoggerMessage(Level = LogLevel.Error, Message = "The changed configuration is invalid, so the upstreams stay unchanged: {Faults}")]
    private partial void LogRefused(string faults);

    [LoggerMessage(Level = LogLevel.Information, Message = "The module {Module} ({Id}) is now forwarded to {Destinations}")]
    private partial void LogChanged(string module, string id, string destinations);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Modules were added, removed or changed in the configuration. This takes effect when Portal restarts. Changes to upstreams take effect now")]
    private partial void LogNeedsRestart();
}
