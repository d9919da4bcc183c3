using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Portal.Data;

namespace Portal.Tests.Data.Postgres;

/// <summary>Records the plan of every statement on Portal's connections, with the number of rows that each step reads.</summary>
internal sealed partial class PlanRecorder : DbConnectionInterceptor
{
    private const string Settings =
        """
        LOAD 'auto_explain';
        SET auto_explain.log_min_duration = 0; SET auto_explain.log_analyze = on; SET auto_explain.log_timing = off; SET auto_explain.log_level = notice;
        """;

    private readonly ConcurrentQueue<string> _plans = new();

    /// <summary>Call it among the registrations of a portal.</summary>
    public void Register(IServiceCollection services) =>
        services.ConfigureDbContext<PortalDbContext>(options => options.AddInterceptors(this), ServiceLifetime.Singleton);

    /// <summary>Returns the plans since the last call that read more than this number of rows.</summary>
    public IReadOnlyList<string> TakeLarge(long most)
    {
        var large = new List<string>();
        while (_plans.TryDequeue(out var plan))
            if (Rows().Matches(plan).Any(step => Number(step, "rows") * Number(step, "loops") > most) || Removed().Matches(plan).Any(step => Number(step, "rows") > most))
                large.Add(plan);
        return large;
    }

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Trace((NpgsqlConnection)connection);

    public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Trace((NpgsqlConnection)connection);
        return Task.CompletedTask;
    }

    private void Trace(NpgsqlConnection connection)
    {
        connection.Notice += (_, notice) => _plans.Enqueue(notice.Notice.MessageText);
        using var command = connection.CreateCommand();
        command.CommandText = Settings;
        command.ExecuteNonQuery();
    }

    private static long Number(Match step, string group) => long.Parse(step.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\(actual rows=(?<rows>\d+) loops=(?<loops>\d+)\)")]
    private static partial Regex Rows();

    [GeneratedRegex(@"Rows Removed by \w[\w ]*: (?<rows>\d+)")]
    private static partial Regex Removed();
}
