using Portal.Data;

namespace Portal.Statistics;

/// <summary>Pauses a flush of very many tokens again and again, so that requests keep the processors.</summary>
/// <param name="processorTime">Of this process since its start.</param>
internal sealed class FlushPace(MonotonicClock clock, Func<TimeSpan> processorTime, int processors)
{
    /// <summary>Tokens at the beginning of a flush that are written without pauses: the counts of a usual installation arrive within a second.</summary>
    internal const int TokensWithoutPause = 1_000;

    /// <summary>The share of all processors that the flush uses while requests keep them busy.</summary>
    internal const double ShareWhileBusy = 0.05;

    /// <summary>The share of all processors from which on the rest of this process counts as busy.</summary>
    internal const double Busy = 0.25;

    /// <summary>The shortest pause, as a multiple of the work: other writes get their turn.</summary>
    internal const double Rest = 0.25;

    /// <summary>Over shorter times, the processor time is no measure of the load.</summary>
    internal static readonly TimeSpan Window = TimeSpan.FromMilliseconds(100);

    private long _since;
    private TimeSpan _processorTime, _worked;
    private bool _isBusy;

    public void Begin()
    {
        Measure();
        // Until it is known.
        _isBusy = true;
    }

    /// <param name="worked">The time since the last pause.</param>
    public TimeSpan PauseAfter(TimeSpan worked)
    {
        _worked += worked;
        if (clock.GetElapsedTime(_since) is var elapsed && elapsed >= Window)
        {
            _isBusy = processorTime() - _processorTime - _worked >= elapsed * processors * Busy;
            Measure();
        }

        return worked * Math.Max(Rest, _isBusy ? (1 / (ShareWhileBusy * processors)) - 1 : 0);
    }

    private void Measure() => (_since, _processorTime, _worked) = (clock.GetTimestamp(), processorTime(), TimeSpan.Zero);
}
