using System.Text.RegularExpressions;
using Portal.Tests.Support;

namespace Portal.Tests.Gateway.ForwardAuth;

/// <summary>The proxy configurations exactly as the documentation shows them.</summary>
internal static partial class Documented
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Built.SourceRoot, "docs", "forward-auth.md"));

    /// <summary>Returns the code blocks of a language below a second-level heading, in order.</summary>
    public static string[] Blocks(string heading, string language)
    {
        var section = Page[Page.IndexOf($"\n## {heading}\n", StringComparison.Ordinal)..];
        section = section[..(section.IndexOf("\n## ", 1, StringComparison.Ordinal) is > 0 and var end ? end : section.Length)];
        return [.. Block().Matches(section).Where(match => match.Groups[1].Value == language).Select(match => match.Groups[2].Value)];
    }

    /// <summary>Returns the first code block of a language in a documentation file.</summary>
    public static string Configuration(string file, string language) =>
        Block().Matches(File.ReadAllText(Path.Combine(Built.SourceRoot, "docs", file))).First(match => match.Groups[1].Value == language).Groups[2].Value;

    /// <summary>Replaces a placeholder, as an operator must, with the test's value.</summary>
    public static string With(this string text, string placeholder, string value)
    {
        Assert.Contains(placeholder, text, StringComparison.Ordinal);
        return text.Replace(placeholder, value, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^```(\w+)\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
