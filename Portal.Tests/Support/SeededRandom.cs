namespace Portal.Tests.Support;

/// <summary>Numbers for generated test data: the same in every run, so that a failure can be repeated.</summary>
internal sealed class SeededRandom(int seed = 12)
{
#pragma warning disable RS0030, CA5394 // Seeded on purpose, and no secrets.
    private readonly Random _random = new(seed);

    public int Next(int below) => _random.Next(below);

    public int Next(int first, int below) => _random.Next(first, below);
#pragma warning restore RS0030, CA5394
}
