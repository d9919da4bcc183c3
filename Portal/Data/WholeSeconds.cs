namespace Portal.Data;

/// <summary>The moments that Portal sets itself have whole seconds. What is told is then exactly what is stored, so that a client that
/// asks for a moment it has read finds it, whatever fractions its language's dates can hold.</summary>
public static class WholeSeconds
{
    /// <returns>UTC.</returns>
    public static DateTime Now(TimeProvider clock) => Of(clock.GetUtcNow().UtcDateTime);

    /// <summary>The second in which the moment lies.</summary>
    public static DateTime Of(DateTime at) => new(at.Ticks - (at.Ticks % TimeSpan.TicksPerSecond), at.Kind);
}
