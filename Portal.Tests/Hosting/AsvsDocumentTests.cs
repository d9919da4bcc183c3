using System.Text.RegularExpressions;
using Portal.Tests.Support;

namespace Portal.Tests.Hosting;

/// <summary><c>docs/asvs.md</c> names tests that exist.</summary>
public sealed partial class AsvsDocumentTests
{
    [Fact]
    public void Document_NamesExistingTests()
    {
        var existing = typeof(AsvsDocumentTests).Assembly.GetTypes().Concat(typeof(Program).Assembly.GetTypes()).Select(type => type.Name).ToHashSet(StringComparer.Ordinal);
        var named = TestName().Matches(File.ReadAllText(Path.Combine(Built.SourceRoot, "docs", "asvs.md"))).Select(match => match.Groups[1].Value).Distinct().ToList();
        Assert.True(named.Count > 50);
        Assert.Empty(named.Except(existing));
    }

    [GeneratedRegex("`([A-Z]\\w+Tests)`")]
    private static partial Regex TestName();
}
