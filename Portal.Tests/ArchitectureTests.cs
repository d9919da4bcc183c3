using System.Text.RegularExpressions;
using Portal.Tests.Support;

namespace Portal.Tests;

/// <summary>Holds the rule of who may know whom by reading the sources.</summary>
public sealed partial class ArchitectureTests
{
    /// <summary>What stands on top: shows, serves or starts, and is known to nobody below.</summary>
    private static readonly string[] Pages = ["Components", "Tokens.List", "Tokens.Create", "Tokens.Details", "Tokens.Dialogs", "Authentication.IpRules.Screen"];

    /// <summary>Each part and the parts that it may name in its <c>using</c> lines, besides those below itself.</summary>
    private static readonly Dictionary<string, string[]> MayKnow = new()
    {
        ["Data"] = [],
        ["Audit"] = ["Data"], // its Actor and Role are what services take to know who asks
        ["Catalog"] = ["Data"],
        ["Statistics"] = ["Data", "Audit"],
        ["Accounts"] = ["Data", "Audit"],
        ["Tokens"] = ["Data", "Audit", "Catalog", "Statistics", "Accounts"],
        ["Authentication"] = ["Data", "Audit", "Catalog", "Statistics", "Tokens"],
        ["Api"] = ["Data", "Audit", "Catalog", "Statistics", "Accounts", "Tokens", "Authentication"],
        ["Gateway"] = ["Data", "Audit", "Catalog", "Statistics", "Accounts", "Tokens", "Authentication"],
        ["Pages"] = ["Data", "Audit", "Catalog", "Statistics", "Accounts", "Tokens", "Authentication"],
    };

    /// <summary>Parts that meet the web as their task; in the others only pages, doors and these files may.</summary>
    private static readonly string[] WebParts = ["Pages", "Api", "Gateway", "Authentication", "Hosting"];
    private static readonly string[] WebFiles = ["CurrentActor.cs", "FirstRunRedirect.cs", "SessionCookie.cs", "DeviceCookie.cs"];

    private static readonly string Root = Path.Combine(Built.SourceRoot, "Portal");

    private static readonly List<Source> Sources =
    [
        .. Directory.EnumerateFiles(Root, "*.*", SearchOption.AllDirectories)
            .Where(path => path.EndsWith(".cs", StringComparison.Ordinal) || path.EndsWith(".razor", StringComparison.Ordinal))
            .Select(path => new Source(Path.GetRelativePath(Root, path).Replace('\\', '/'), File.ReadAllText(path)))
            .Where(source => !NotOurs().IsMatch(source.Name)),
    ];

    [Fact]
    public void Usings_OfEveryPart_NameOnlyPartsThatItMayKnow()
    {
        Assert.NotEmpty(Sources);
        var faults = Sources
            .Where(source => MayKnow.ContainsKey(source.Part))
            .SelectMany(source => source.Known.Where(part => part != source.Part && !MayKnow[source.Part].Contains(part)).Select(part => $"{source.Name} knows {part}"));
        Assert.Empty(faults);
    }

    [Fact]
    public void Parts_All_AreInTheTable() => Assert.Empty(Sources.Select(source => source.Part).Distinct().Except([.. MayKnow.Keys, "Hosting", ""]));

    [Fact]
    public void Services_None_MentionTheWeb() => Assert.Empty(Mentions(WebWords(), source =>
        source.Name.EndsWith(".cs", StringComparison.Ordinal) && !source.IsDoorOrPage && source.Part.Length > 0
        && !WebParts.Contains(source.Part) && !WebFiles.Contains(Path.GetFileName(source.Name))));

    /// <summary>The details of an audit entry are kept as JSON; nobody sends them.</summary>
    [Fact]
    public void Services_None_WriteJson() => Assert.Empty(Mentions(JsonWords(), source =>
        !WebParts.Contains(source.Part) && source.Part.Length > 0 && source.Name != "Audit/AuditLog.cs"));

    [Fact]
    public void Database_OnlyData_KnowsTheProviderAndItsLanguage() => Assert.Empty(Mentions(SqlWords(), source => source.Part != "Data"));

    private static IEnumerable<string> Mentions(Regex words, Func<Source, bool> where) =>
        Sources.Where(where).Select(source => (source.Name, Match: words.Match(source.Code))).Where(found => found.Match.Success).Select(found => $"{found.Name} mentions {found.Match.Value}");

    [GeneratedRegex(@"^(bin|obj|node_modules|wwwroot|Data/Migrations)/|^_Imports\.razor$")]
    private static partial Regex NotOurs();

    [GeneratedRegex(@"^\s*@?using\s+(?:static\s+|\w+\s*=\s*)?Portal\.([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex UsingLine();

    [GeneratedRegex(@"^\s*//.*$", RegexOptions.Multiline)]
    private static partial Regex CommentLine();

    [GeneratedRegex(@"HttpContext|\bHttpRequest\b|\bHttpResponse\b|AspNetCore\.(Http|Components|Mvc)\b|\bNavigationManager\b|\bIJSRuntime\b|MudBlazor")]
    private static partial Regex WebWords();

    [GeneratedRegex(@"System\.Text\.Json|\bJson(Serializer|PropertyName|Converter)\w*")]
    private static partial Regex JsonWords();

    [GeneratedRegex(@"\w*Sqlite\w*|Npgsql\w*|\b(ExecuteSql|FromSql|SqlQuery)\w*")]
    private static partial Regex SqlWords();

    /// <param name="Name">Below the project, <c>Tokens/ApiKey.cs</c>.</param>
    private sealed record Source(string Name, string Text)
    {
        /// <summary>The folder it stands in; pages count as one part; empty: the root.</summary>
        public string Part { get; } = PartOf(Path.GetDirectoryName(Name)!.Replace('\\', '/').Replace('/', '.'));

        /// <summary>Without comments.</summary>
        public string Code { get; } = CommentLine().Replace(Text, "");

        /// <summary>A door registers and maps, a page shows: both know the web.</summary>
        public bool IsDoorOrPage => Name.EndsWith("Extensions.cs", StringComparison.Ordinal) || Name.Contains(".razor", StringComparison.Ordinal);

        public IEnumerable<string> Known => UsingLine().Matches(Code).Select(match => PartOf(match.Groups[1].Value)).Distinct();

        private static string PartOf(string folder) =>
            Pages.Any(page => folder == page || folder.StartsWith(page + '.', StringComparison.Ordinal)) ? "Pages" : folder.Split('.')[0];
    }
}
