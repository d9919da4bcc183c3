using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Portal.Data;

namespace Portal.Tests.Support;

/// <summary>The plan of SQLite's query planner for a statement.</summary>
internal sealed partial record QueryPlan(string Statement, IReadOnlyList<string> Steps)
{
    /// <summary>Tables that have at least one row for each token, or gain rows with use.</summary>
    public static readonly IReadOnlySet<string> GrowingTables = new HashSet<string>(StringComparer.Ordinal)
    {
        "Tokens", "TokenSecrets", "TokenPermissions", "DailyCounts", "HourlyCounts", "LatencyCounts", "RecentRequests", "ModuleUses", "AuditEntries",
        "Notices", "NoticeRecipients", "WebhookDeliveries", "WebhookAttempts", "ApprovalRequests", "RememberedCalls", "SeenAddresses",
    };

    /// <summary>Columns that hardly narrow down a search: nearly all rows of an installation can have the same value.</summary>
    private static readonly HashSet<string> BroadColumns = ["AccountId", "DeletedAt", "Status"];

    private bool Sorts => Steps.Any(step => step.Contains("TEMP B-TREE", StringComparison.Ordinal));

    public static async Task<QueryPlan> ReadAsync(PortalDbContext context, string statement)
    {
        var steps = new List<string>();
        await context.Database.OpenConnectionAsync();
        await using var command = context.Database.GetDbConnection().CreateCommand();
        command.CommandText = "EXPLAIN QUERY PLAN " + statement;
        await using var rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync())
            steps.Add(rows.GetString(3));
        return new QueryPlan(statement, steps);
    }

    /// <summary>Returns the steps whose duration grows with the number of tokens, such as <c>SCAN Tokens</c>.</summary>
    public IEnumerable<string> GrowingSteps()
    {
        var aliases = Aliases().Matches(Statement)
            .GroupBy(match => match.Groups["alias"].Value)
            .ToDictionary(group => group.Key, group => group.First().Groups["table"].Value);
        var isCut = Statement.Contains("LIMIT", StringComparison.Ordinal) && !Sorts;
        // A search in the order of its index ends when it has the rows of the page. Without an order, it may search to the end.
        var endsEarly = isCut && Statement.Contains("ORDER BY", StringComparison.Ordinal);
        // Whatever the current plan is: the planner decides each time whether it ranks the rows of one token or of all.
        if (Ranking().IsMatch(Statement))
            yield return $"RANK {string.Join(", ", aliases.Values.Where(GrowingTables.Contains).Distinct())}";
        foreach (var step in Steps)
            if (Access().Match(step) is { Success: true } access)
            {
                var table = aliases.GetValueOrDefault(access.Groups["name"].Value, access.Groups["name"].Value);
                // The first rows of a table without a condition are found immediately, too.
                var isScan = access.Groups["how"].Value == "SCAN" && (!isCut || Statement.Contains("WHERE", StringComparison.Ordinal));
                var isBroad = Equalities().Matches(step).Select(match => match.Groups["column"].Value).All(BroadColumns.Contains);
                if (GrowingTables.Contains(table) && (isScan || (isBroad && !endsEarly && access.Groups["how"].Value == "SEARCH")))
                    yield return $"{access.Groups["how"].Value} {table}{step[access.Length..]}";
            }
    }

    [GeneratedRegex("""
        (?:FROM|JOIN|INTO|UPDATE)\s+"(?<table>\w+)"\s+AS\s+"(?<alias>\w+)"
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Aliases();

    [GeneratedRegex(@"^(?<how>SCAN|SEARCH) (?<name>\w+)")]
    private static partial Regex Access();

    /// <summary>Matches a window function, which EF Core writes for <c>Take</c> within an <c>Include</c> or a <c>SelectMany</c>.</summary>
    [GeneratedRegex(@"\bOVER\s*\(", RegexOptions.IgnoreCase)]
    private static partial Regex Ranking();

    [GeneratedRegex(@"(?<column>\w+)(?:=|>|<)\?")]
    private static partial Regex Equalities();
}
