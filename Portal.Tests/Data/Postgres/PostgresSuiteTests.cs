using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Portal.Tests.Support;

namespace Portal.Tests.Data.Postgres;

/// <summary>Runs the tests in which the database matters on PostgreSQL too, in a process of their own.</summary>
[Slow]
public sealed partial class PostgresSuiteTests
{
    /// <summary>More than this were run when they were chosen: a filter that no longer fits would otherwise leave them out unnoticed.</summary>
    private const int Fewest = 1_700;

    private static readonly string[] Chosen =
    [
        "Portal.Tests.Access", "Portal.Tests.Api.Idempotency", "Portal.Tests.Api.Rql", "Portal.Tests.Audit", "Portal.Tests.Audit.Streaming", "Portal.Tests.IpRules", "Portal.Tests.Notices",
        "Portal.Tests.Policies", "Portal.Tests.Scim", "Portal.Tests.Statistics", "Portal.Tests.Tokens", "Portal.Tests.Tokens.Approvals", "Portal.Tests.Tokens.Reading",
        "Portal.Tests.Tokens.Search", "Portal.Tests.Tokens.Templates", "Portal.Tests.Webhooks",
    ];

    [Fact]
    public async Task ChosenTests_OnPostgres_Pass()
    {
        List<string> arguments = [typeof(PostgresSuiteTests).Assembly.Location, "-noColor", "-noLogo", "-maxThreads", "2", "-trait-", "Speed=Slow", "-trait-", "Database=Sqlite"];
        foreach (var name in Chosen)
            arguments.AddRange(["-namespace", name]);
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[TestDatabase.Variable] = "Postgres";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        var failed = string.Join('\n', Failed().Matches(output).Select(match => match.Groups["name"].Value));
        Assert.True(process.ExitCode == 0 && failed.Length == 0, $"These tests fail with {TestDatabase.Variable}=Postgres:\n{failed}\n\n{output}\n{await errors}");
        var total = int.Parse(Total().Match(output).Groups["count"].Value, CultureInfo.InvariantCulture);
        Assert.True(total >= Fewest, $"Only {total} tests ran.");
    }

    [GeneratedRegex(@"^ +(?<name>\S.*) \[FAIL\]", RegexOptions.Multiline)]
    private static partial Regex Failed();

    [GeneratedRegex(@"Total: (?<count>\d+)")]
    private static partial Regex Total();
}
