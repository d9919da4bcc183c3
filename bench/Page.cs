using System.Text.RegularExpressions;
using Portal.Bench.Servers;

namespace Portal.Bench;

/// <summary>Updates docs/performance.md: each part replaces its section and leaves the others unchanged.</summary>
internal static partial class Page
{
    private const string Head = """
        # Performance

        This page shows what Portal's checks cost, compared with servers that check little or nothing, and how Portal scales to a million tokens. All
        programs of a measurement share one machine, so the ratios are more meaningful than the absolute figures. The list at the end
        of a section shows whether the figures meet their targets.

        `dotnet run -c Release --project bench` repeats all measurements and updates this page. Add the name of a part (`-- gateway`) to update one
        section. An unknown name prints the list of names. You need `wrk`, `nginx`, Chromium
        and PostgreSQL (`apt-get install -y wrk nginx-light chromium postgresql`).


        """;

    private static readonly string File = Path.Combine(PublishedPortal.SourceRoot, "docs", "performance.md");

    public static string Machine => $"{Environment.ProcessorCount} processors, .NET {Environment.Version}, {TimeProvider.System.GetUtcNow().UtcDateTime:yyyy-MM-dd}";

    /// <summary>The machine, the date and the method. Every section has them, because sections may be measured on different days.</summary>
    public static string Circumstances(Choice choice) =>
        $"{Machine}; medians of {choice.Rounds} alternating rounds of {choice.RoundTime.TotalSeconds:0} s, after {choice.WarmUps} warm-up rounds";

    public static async Task PutAsync(string title, string section)
    {
        var sections = System.IO.File.Exists(File) ? Read(await System.IO.File.ReadAllTextAsync(File)) : [];
        var place = sections.FindIndex(entry => entry.Title == title);
        if (place < 0)
            sections.Add((title, section));
        else
            sections[place] = (title, section);
        var order = Choice.Titles.ToList();
        var kept = sections.Where(entry => order.Contains(entry.Title)).OrderBy(entry => order.IndexOf(entry.Title));
        await System.IO.File.WriteAllTextAsync(File, Head + string.Join('\n', kept.Select(entry => $"## {entry.Title}\n\n{entry.Text.Trim()}\n")));
    }

    private static List<(string Title, string Text)> Read(string page) =>
        [.. SectionStart().Split(page).Skip(1).Select(part => part.Split('\n', 2)).Select(lines => (lines[0].Trim(), lines[^1]))];

    [GeneratedRegex("^## ", RegexOptions.Multiline)]
    private static partial Regex SectionStart();
}
