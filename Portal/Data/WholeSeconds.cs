namespace Portal.Data;

/// <summary>Rounds the times that Portal sets to whole seconds. The time in a response is then exactly the stored time, so that a client can search
/// for it, whatever fractions its date type supports.</summary>
public static class WholeSeconds
{
    /// <returns>UTC.</returns>
    public static DateTime Now(TimeProvider clock) => Of(clock.GetUtcNow().UtcDateTime);

    /// <summary>The time without its fraction of a second.</summary>
    public static DateTime Of(DateTime at) => new(at.Ticks - (at.Ticks % TimeSpan.TicksPerSecond), at.Kind);
}
