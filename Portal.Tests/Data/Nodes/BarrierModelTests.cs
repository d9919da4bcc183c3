namespace Portal.Tests.Data.Nodes;

/// <summary>Explores all runs of the protocol by which nodes confirm changes: no request that begins after a change has returned may be judged by
/// the state before it.</summary>
public sealed class BarrierModelTests(ITestOutputHelper output)
{
    [Fact]
    public void Explore_Protocol_NoRunAcceptsLate()
    {
        var found = Explore(Fault.None);
        output.WriteLine($"{found.States:N0} states");
        Assert.True(found.Run is null, found.Run);
        // Otherwise the exploration would prove nothing.
        foreach (var step in (string[])["call returns: confirmed", "call returns: no live node", "call returns: lease over", "watcher declares dead",
            "node learns that it is dead", "late renewal is executed", "request trusts memory", "request reads database"])
            Assert.Contains(step, found.Steps);
    }

    public static TheoryData<Fault> Faults => [.. Enum.GetValues<Fault>().Where(fault => fault != Fault.None)];

    [Theory]
    [MemberData(nameof(Faults))]
    public void Explore_ProtocolWithFault_FindsALateAccept(Fault fault)
    {
        var found = Explore(fault);
        output.WriteLine(found.Run ?? "");
        Assert.NotNull(found.Run);
    }

    /// <returns>The shortest run that accepts a request late; null if there is none.</returns>
    private static (string? Run, int States, IReadOnlySet<string> Steps) Explore(Fault fault)
    {
        var model = new BarrierModel(fault);
        var known = new Dictionary<BarrierState, (BarrierState From, string Step)> { [default] = default };
        var waiting = new Queue<BarrierState>([default]);
        var steps = new HashSet<string>();
        while (waiting.TryDequeue(out var state))
            foreach (var (step, next) in model.StepsOf(state))
            {
                steps.Add(step);
                if (!known.TryAdd(next, (state, step)))
                    continue;
                if (next.AcceptedLate)
                    return (Describe(known, next), known.Count, steps);
                waiting.Enqueue(next);
            }

        return (null, known.Count, steps);
    }

    private static string Describe(Dictionary<BarrierState, (BarrierState From, string Step)> known, BarrierState end)
    {
        var run = new List<string>();
        for (var state = end; state != default; state = known[state].From)
            run.Add(known[state].Step);
        run.Reverse();
        return string.Join(Environment.NewLine, run);
    }
}
