using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using SQLitePCL;

namespace Portal.Tests.Support;

/// <summary>Records every SQL statement that SQLite runs on Portal's connections, even if it doesn't come from EF Core. On PostgreSQL, it records only those
/// that do.</summary>
internal sealed class StatementRecorder : DbConnectionInterceptor, IDbCommandInterceptor
{
    private readonly ConcurrentQueue<string> _statements = new();
    private readonly strdelegate_trace _trace;

    public StatementRecorder() => _trace = (_, statement) => _statements.Enqueue(statement);

    /// <summary>Call it among the registrations of a portal.</summary>
    public void Register(IServiceCollection services) =>
        services.ConfigureDbContext<PortalDbContext>(options => options.AddInterceptors(this), ServiceLifetime.Singleton);

    /// <summary>Returns the statements recorded since the last call, with the values of their parameters written out.</summary>
    public IReadOnlyList<string> Take()
    {
        var taken = new List<string>();
        while (_statements.TryDequeue(out var statement))
            taken.Add(statement);
        return taken;
    }

    public DbCommand CommandInitialized(CommandEndEventData eventData, DbCommand result)
    {
        if (TestDatabase.IsPostgres)
            _statements.Enqueue(result.Parameters.Cast<DbParameter>().Aggregate(
                result.CommandText, (text, parameter) => text.Replace($"@{parameter.ParameterName.TrimStart('@')}", $"{parameter.Value}", StringComparison.Ordinal)));
        return result;
    }

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Trace(connection);

    public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Trace(connection);
        return Task.CompletedTask;
    }

    private void Trace(DbConnection connection)
    {
        if (connection is SqliteConnection sqlite)
            raw.sqlite3_trace(sqlite.Handle, _trace, null);
    }
}
