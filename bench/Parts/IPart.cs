namespace Portal.Bench.Parts;

/// <summary>A section of docs/performance.md, and the code that measures its figures.</summary>
internal interface IPart
{
    /// <summary>The name on the command line.</summary>
    string Name { get; }

    /// <summary>The title of the section.</summary>
    string Title { get; }

    /// <summary>The programs that it needs besides .NET and wrk.</summary>
    IReadOnlyList<string> Tools => [];

    /// <returns>The content of the section without its title.</returns>
    Task<string> MeasureAsync(Bench bench);
}
