namespace Portal.Tests.Fuzzing;

/// <summary>Code that reads input from outside.</summary>
/// <param name="Method">The name of the method as <c>Type.Method</c>.</param>
/// <param name="Run">Reads a text. It must not throw.</param>
/// <param name="Good">Texts that it accepts, from which hostile ones are made.</param>
internal sealed record FuzzTarget(string Method, Action<string> Run, params string[] Good)
{
    /// <summary>How many times fewer inputs it gets, because it is slow on purpose.</summary>
    public int Share { get; init; } = 1;

    /// <summary>The longest time for a text.</summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromMilliseconds(50);

    public override string ToString() => Method;
}
