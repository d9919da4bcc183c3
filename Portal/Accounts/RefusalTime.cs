namespace Portal.Accounts;

/// <summary>Delays the refusal of a sign-in until a multiple of <see cref="Step"/> after it began, so that its time doesn't reveal the work that it took,
/// and thereby whether the user exists.</summary>
public sealed class RefusalTime(TimeProvider clock)
{
    /// <summary>A timer may be late by this much. Its rounding to milliseconds would also carry over the difference that the delay hides, so the rest is
    /// waited for exactly.</summary>
    private static readonly TimeSpan TimerError = TimeSpan.FromMilliseconds(2);

    /// <summary>Longer than a query and the check of a password on most machines. If they take longer, because many people sign in, the next multiple
    /// applies.</summary>
    internal TimeSpan Step { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Call it when the sign-in begins.</summary>
    /// <returns>The value to pass to <see cref="WaitAsync"/>.</returns>
    internal long Begin() => clock.GetTimestamp();

    internal async Task WaitAsync(long began, CancellationToken cancellation)
    {
        if (Step == TimeSpan.Zero)
            return;
        var due = Step * Math.Max(1, Math.Ceiling(clock.GetElapsedTime(began) / Step));
        if (due - clock.GetElapsedTime(began) - TimerError is var rest && rest > TimeSpan.Zero)
            await Task.Delay(rest, clock, cancellation);
        while (clock.GetElapsedTime(began) < due)
            Thread.Yield();
    }
}
