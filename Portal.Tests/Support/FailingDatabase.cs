using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Data;

namespace Portal.Tests.Support;

/// <summary>Intercepts the database access of Portal's services, and fails on request.</summary>
internal sealed class FailingDatabase
{
    private int _before;

    /// <summary>The exception with which every call fails; null if none fails.</summary>
    public Exception? Failure { get; private set; }

    public static Exception DiskFull => new DbUpdateException("saving failed", new SqliteException("database or disk is full", 13));

    /// <summary>Every kind of exception that a service can throw.</summary>
    public static IEnumerable<Exception> Failures =>
    [
        DiskFull, new SqliteException("database is locked", 5),
        new OperationCanceledException(), new TimeoutException(), new AccessDeniedException(Role.Operator), new InvalidOperationException("unexpected"),
    ];

    /// <param name="after">The number of calls that still succeed before.</param>
    public void Fail(Exception failure, int after = 0) => (Failure, _before) = (failure, after);

    public void Recover() => Failure = null;

    public void Register(IServiceCollection services)
    {
        var registered = services.Last(service => service.ServiceType == typeof(IDbContextFactory<PortalDbContext>));
        services.AddSingleton<IDbContextFactory<PortalDbContext>>(provider => new Factory(
            this, (IDbContextFactory<PortalDbContext>)ActivatorUtilities.CreateInstance(provider, registered.ImplementationType!)));
    }

    private sealed class Factory(FailingDatabase database, IDbContextFactory<PortalDbContext> contexts) : IDbContextFactory<PortalDbContext>
    {
        /// <summary>For cleanup after a test.</summary>
        public PortalDbContext CreateDbContext() => contexts.CreateDbContext();

        public Task<PortalDbContext> CreateDbContextAsync(CancellationToken cancellationToken = default) =>
            database.Failure is { } failure && --database._before < 0 ? throw failure : contexts.CreateDbContextAsync(cancellationToken);
    }
}
