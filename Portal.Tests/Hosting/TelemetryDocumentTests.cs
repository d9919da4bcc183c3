using System.Text.RegularExpressions;
using Portal.Tests.Support;

namespace Portal.Tests.Hosting;

/// <summary><c>docs/telemetry.md</c> describes the metrics that exist, and its alerts use only those.</summary>
public sealed partial class TelemetryDocumentTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(Built.SourceRoot, "docs", "telemetry.md"));

    private static readonly (string Name, string Exported)[] Metrics =
    [
        .. Directory.EnumerateFiles(Path.Combine(Built.SourceRoot, "Portal"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Instrument().Matches(File.ReadAllText(file)))
            .Select(match => (match.Groups["name"].Value, ExportedName(match))),
    ];

    [Fact]
    public void Table_HasEachMetricWithItsNameInPrometheus()
    {
        Assert.Contains(("portal.nodes.lease", "portal_nodes_lease_seconds"), Metrics);
        Assert.Contains(("portal.verifications", "portal_verifications_total"), Metrics);
        var documented = Row().Matches(Document).Select(match => (match.Groups[1].Value, match.Groups[2].Value));
        Assert.Equal(Metrics.Order(), documented.Order());
    }

    [Fact]
    public void Alerts_UseMetricsThatExist()
    {
        var start = Document.IndexOf("## Alerts", StringComparison.Ordinal);
        // The table of the metrics names their labels too.
        var named = Quoted().Matches(Document[..start]).Select(match => match.Groups[1].Value);
        var used = PortalName().Matches(Document[start..]).Select(match => match.Value).ToList();
        Assert.Contains("portal_nodes_untrusted", used);
        Assert.Empty(used.Select(name => Part().Replace(name, "")).Except(named));
    }

    private static string ExportedName(Match match) =>
        match.Groups["name"].Value.Replace('.', '_') + (match.Groups["unit"].Value == "s" ? "_seconds" : "") + (match.Groups["kind"].Value == "Counter" ? "_total" : "");

    [GeneratedRegex("""Create(?<kind>Counter|Histogram|UpDownCounter|Gauge|Observable\w+)(?:<\w+>)?\(\s*"(?<name>portal\.[a-z._]+)",\s*(?:[^";]*?,\s*)?(?:"(?<unit>[^"]*)")?""")]
    private static partial Regex Instrument();

    [GeneratedRegex(@"^\| `(portal\.[a-z._]+)` \| `([a-z_]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("`(portal_[a-z_]+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex("portal_[a-z_]+")]
    private static partial Regex PortalName();

    /// <summary>What a histogram adds to its name.</summary>
    [GeneratedRegex("_(bucket|count|sum)$")]
    private static partial Regex Part();
}
