using Microsoft.Extensions.DependencyInjection.Extensions;
using Portal.Data;

namespace Portal.Hosting;

/// <summary>Logs known faults of the database as a sentence instead of a stack trace: an operator can do something about them, and while a server is
/// away, every part of Portal meets the same one.</summary>
/// <remarks>With the level <c>Debug</c>, a category logs the exceptions as well.</remarks>
internal sealed class FaultLoggerFactory(ILoggerFactory inner) : ILoggerFactory
{
    /// <summary>Puts it around the factory that is registered.</summary>
    public static void Add(IServiceCollection services)
    {
        var registered = services.Last(service => service.ServiceType == typeof(ILoggerFactory));
        services.Replace(ServiceDescriptor.Singleton<ILoggerFactory>(provider =>
            new FaultLoggerFactory((ILoggerFactory)ActivatorUtilities.CreateInstance(provider, registered.ImplementationType!))));
    }

    public ILogger CreateLogger(string categoryName) => new FaultLogger(inner.CreateLogger(categoryName));

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    public void Dispose() => inner.Dispose();

    private sealed class FaultLogger(ILogger inner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (exception is null || DatabaseErrors.Find(exception) is not { } fault || inner.IsEnabled(LogLevel.Debug))
                inner.Log(logLevel, eventId, state, exception, formatter);
            else
                inner.Log(logLevel, eventId, state, null, (logged, _) => Join(formatter(logged, exception), fault));
        }

        private static string Join(string message, DatabaseFault fault) => $"{message.TrimEnd('.')}: {fault.What}. {fault.Remedy}";
    }
}
