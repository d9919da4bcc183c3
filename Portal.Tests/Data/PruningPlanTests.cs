using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.Statistics;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Data;

/// <summary>Old rows are found with an index: nothing waits for a scan of a whole table.</summary>
[SqliteOnly]
public sealed class PruningPlanTests
{
    [Fact]
    public async Task Prune_EveryStatement_ScansNoTable()
    {
        var statements = new Statements();
        await using var portal = await TestPortal.CreateAsync(services: services =>
            services.ConfigureDbContext<PortalDbContext>(options => options.AddInterceptors(statements), ServiceLifetime.Singleton));

        await portal.Services.GetRequiredService<StatisticsPruner>().PruneAsync(TestContext.Current.CancellationToken);
        await portal.Services.GetRequiredService<IdempotentResponses>().PruneAsync(TestContext.Current.CancellationToken);

        var deletions = statements.All.Where(statement => statement.Sql.Contains("DELETE", StringComparison.Ordinal)).ToList();
        Assert.Equal(6, deletions.Count);
        foreach (var (sql, parameters) in deletions)
        {
            var plan = await PlanAsync(portal, sql, parameters);
            // The hour is the first column of its primary key.
            Assert.Contains(plan, step => step.Contains(sql.Contains("HourlyCounts", StringComparison.Ordinal) ? "(Hour<?)" : "INDEX IX_", StringComparison.Ordinal));
            Assert.DoesNotContain(plan, step => step.StartsWith("SCAN", StringComparison.Ordinal) && !step.Contains("SUBQUERY", StringComparison.Ordinal));
            Assert.DoesNotContain(plan, step => step.Contains("TEMP B-TREE", StringComparison.Ordinal));
        }
    }

    private static async Task<List<string>> PlanAsync(TestPortal portal, string sql, IReadOnlyList<(string Name, object? Value)> parameters)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(portal.Directory, "portal.db")};Pooling=False");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "EXPLAIN QUERY PLAN " + sql;
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value);
        List<string> plan = [];
        await using var row = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        while (await row.ReadAsync(TestContext.Current.CancellationToken))
            plan.Add(row.GetString(3));
        return plan;
    }

    private sealed class Statements : DbCommandInterceptor
    {
        public List<(string Sql, IReadOnlyList<(string, object?)> Parameters)> All { get; } = [];

        public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
        {
            All.Add((command.CommandText, [.. command.Parameters.Cast<DbParameter>().Select(parameter => (parameter.ParameterName, parameter.Value))]));
            return new(result);
        }
    }
}
