using System.Text.RegularExpressions;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

/// <summary>Portal may be below a path of its host: pages link relative to the base address.</summary>
public sealed partial class RelativeLinksTests
{
    [Fact]
    public void Pages_LinkRelativeToTheBaseAddress()
    {
        var folder = Path.Combine(Built.SourceRoot, "Portal");
        var files = Directory.EnumerateFiles(folder, "*.*", SearchOption.AllDirectories)
            .Where(file => file.EndsWith(".razor", StringComparison.Ordinal) || file.EndsWith(".razor.cs", StringComparison.Ordinal))
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));
        var links = files.SelectMany(file => AbsoluteLink().Matches(File.ReadAllText(file)).Select(match => $"{Path.GetRelativePath(folder, file)}: {match.Value}"));
        Assert.Empty(links);
    }

    [GeneratedRegex("""(?i)(\b(href|src|action)="(@\()?(\$")?/\S*|NavigateTo\(\$?"/\S*)""")]
    private static partial Regex AbsoluteLink();
}
