using Portal.Data;

namespace Portal.Statistics;

/// <summary>Calculates the pauses in a flush of very many tokens, so that requests keep the processors.</summary>
/// <param name="processorTime">Returns the processor time of this process since its start.</param>
internal sealed class FlushPace(MonotonicClock clock, Func<TimeSpan> processorTime, int processors)
{
    /// <summary>The number of tokens that a flush writes without pauses, so that the counts of a typical installation are stored within a second.</summary>
    internal const int TokensWithoutPause = 1_000;

    /// <summary>The share of all processors that the flush uses while requests keep them busy.</summary>
    internal const double ShareWhileBusy = 0.05;

    /// <summary>The share of all processors at which the rest of this process counts as busy.</summary>
    internal const double Busy = 0.25;

    /// <summary>The shortest pause as a multiple of the work, which lets other writes proceed.</summary>
    internal const double Rest = 0.25;

    /// <summary>The shortest time over which the processor time is measured. Shorter times say nothing about the load.</summary>
    internal static readonly TimeSpan Window = TimeSpan.FromMilliseconds(100);

    private long _since;
    private TimeSpan _processorTime, _worked;

    /// <summary>Whether requests keep the processors busy, or the load isn't known yet.</summary>
    public bool IsBusy { get; private set; }

    public void Begin()
    {
        Measure();
        // Until the load is known.
        IsBusy = true;
    }

    /// <param name="worked">The time since the last pause.</param>
    public TimeSpan PauseAfter(TimeSpan worked)
    {
        _worked += worked;
        if (clock.GetElapsedTime(_since) is var elapsed && elapsed >= Window)
        {
            IsBusy = processorTime() - _processorTime - _worked >= elapsed * processors * Busy;
            Measure();
        }

        return worked * Math.Max(Rest, IsBusy ? (1 / (ShareWhileBusy * processors)) - 1 : 0);
    }

    private void Measure() => (_since, _processorTime, _worked) = (clock.GetTimestamp(), processorTime(), TimeSpan.Zero);
}
