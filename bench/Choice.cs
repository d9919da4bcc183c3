using Portal.Bench.Parts;

namespace Portal.Bench;

/// <summary>What to measure, and for how long.</summary>
/// <param name="Quick">Short rounds and few tokens, to check that everything works. The figures are meaningless and aren't stored.</param>
internal sealed record Choice(IReadOnlyList<IPart> Parts, bool Quick)
{
    private static readonly IPart[] All = [new DirectPart(), new CostPart(), new GatewayPart(), new CachePart(), new ListsPart(), new AuditPart(), new PostgresPart(), new PostgresListsPart(), new OperationsPart(), new FloodPart(), new DisablePart(), new TimingPart()];

    /// <summary>The titles of the sections, in order.</summary>
    public static IEnumerable<string> Titles => All.Select(part => part.Title);

    public static string Usage { get; } =
        $"Usage: dotnet run -c Release --project bench [-- [{string.Join('|', All.Select(part => part.Name))}] [--quick]]";

    /// <summary>The number of rounds before the measured ones. During these, code is compiled and recompiled, and connections and credentials are
    /// loaded.</summary>
    public int WarmUps => Quick ? 1 : 8;
    public int Rounds => Quick ? 1 : 7;
    public TimeSpan RoundTime => TimeSpan.FromSeconds(Quick ? 1 : 4);
    public int CostWarmUps => Quick ? 2 : 20;
    public int CostRounds => Quick ? 3 : 31;
    public const int CostRequests = 20_000, FewTokens = 100, ListTokens = 1_000;
    public int ManyTokens => Quick ? 20_000 : 1_000_000;
    public int Starts => Quick ? 1 : 5;
    public int ListWarmUps => Quick ? 1 : 15;
    public int ListRounds => Quick ? 3 : 31;
    public int AuditPages => Quick ? 20 : 500;
    public int OperationRounds => Quick ? 1 : 9;
    public int TimedKeys => Quick ? 2_000 : 100_000;
    public int TimedSignIns => Quick ? 20 : 2_000;
    public int Trials => Quick ? 50 : 1_000;

    /// <summary>Null if the arguments aren't valid.</summary>
    public static Choice? Parse(string[] args)
    {
        string[] names = [.. args.Where(arg => arg != "--quick")];
        IPart[] parts = names.Length == 0 ? All : [.. All.Where(part => names.Contains(part.Name))];
        return names.Length > 0 && parts.Length != names.Length ? null : new Choice(parts, args.Contains("--quick"));
    }
}
