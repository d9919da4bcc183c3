namespace Portal.Bench.Parts;

/// <summary>A section of docs/performance.md, and what produces its figures.</summary>
internal interface IPart
{
    /// <summary>On the command line.</summary>
    string Name { get; }

    /// <summary>Of the section.</summary>
    string Title { get; }

    /// <summary>Programs that it needs beside .NET and wrk.</summary>
    IReadOnlyList<string> Tools => [];

    /// <returns>The section below its title.</returns>
    Task<string> MeasureAsync(Bench bench);
}
