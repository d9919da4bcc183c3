using System.Text.RegularExpressions;
using System.Xml.Linq;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Portal.Accounts;
using Portal.Localization;
using Portal.Tests.Support;

namespace Portal.Tests.Localization;

/// <summary>A language is a single file: it contains every text of the pages, and the code contains none.</summary>
public sealed partial class TextsTests
{
    private static readonly string Folder = Path.Combine(Built.SourceRoot, "Portal", "Localization");

    private static readonly ModuleDefinition Compiled = ModuleDefinition.ReadModule(typeof(Texts).Assembly.Location, new ReaderParameters { InMemory = true });

    /// <summary>Folders whose sentences a person may read on a page. Texts of the API, the log and the configuration are in English only.</summary>
    private static readonly string[] Folders = ["Access", "Accounts", "Addresses", "Components", "Integrations", "IpRules", "Policies", "Statistics", "Tokens", "Webhooks"];

    /// <summary>Files whose sentences only a program, an operator or a developer reads, with that reader.</summary>
    private static readonly Dictionary<string, string> English = new()
    {
        ["Tokens/TokenService.Caller.cs"] = "a program that calls with a token",
        ["Tokens/TokenService.Lifetime.cs"] = "a program that calls with a token",
        ["Tokens/TokenService.Permissions.cs"] = "a program that calls with a token",
        ["Tokens/ExpirationLimit.cs"] = "a program that calls with a token",
        ["Tokens/TokenAction.Declared.cs"] = "the OpenAPI document",
        ["Tokens/TokenOptions.cs"] = "the operator, who configures it",
        ["Tokens/ExpirationPreset.cs"] = "the operator, who configures it",
        ["Accounts/SingleSignOn/ProviderValidator.cs"] = "the operator, who configures it",
        ["Accounts/SingleSignOn/SingleSignOnExtensions.cs"] = "the operator of an identity provider",
        ["Statistics/StatisticsOptions.cs"] = "the operator, who configures it",
        ["Statistics/FlushMetrics.cs"] = "the description of a metric",
        ["Webhooks/WebhookOptions.cs"] = "the operator, who configures it",
        ["Webhooks/WebhookMetrics.cs"] = "the description of a metric",
        ["Webhooks/WebhookMessage.cs"] = "a program that receives a test",
    };

    /// <summary>Sentences of the log and of exceptions in the code of pages.</summary>
    private static readonly string[] InTheLog =
        ["The page of {Handle} could not be refreshed", "A browser could not draw a chart"];

    /// <summary>Names, and parts of programs and of the log, which are the same in every language.</summary>
    private static readonly string[] Names = ["Portal", "curl -H \"Authorization: ApiKey SU-…:…\"", "public/v1/auth/context", "Authorization", "SU-…:…", "CSV", "JSON", FirstRun.CodeLabel];

    /// <summary>Attributes that a browser shows or reads aloud.</summary>
    private static readonly string[] Shown = ["alt", "aria-description", "aria-label", "data-label", "label", "placeholder", "title"];

    [Fact]
    public void Languages_All_HaveEveryTextWithItsPlaceholders()
    {
        var english = Read("Texts.resx");
        Assert.NotEmpty(Languages.All.Skip(1));
        Assert.All(Languages.All.Skip(1), language =>
        {
            var texts = Read($"Texts.{language.Name}.resx");
            Assert.Empty(english.Keys.Except(texts.Keys));
            // MudBlazor contains its own texts in English.
            Assert.DoesNotContain(texts.Keys.Except(english.Keys), name => !IsMudBlazors(name));
            Assert.Empty(english.Where(text => !Placeholders(text.Value).SetEquals(Placeholders(texts[text.Key]))).Select(text => text.Key));
        });
        Assert.Empty(english.Where(text => text.Value.Length == 0).Select(text => text.Key));
    }

    [Fact]
    public void Texts_All_AreUsed()
    {
        var used = Methods().SelectMany(method => method.Body.Instructions)
            .Select(instruction => instruction.Operand).OfType<MethodReference>()
            .Where(called => called.DeclaringType.FullName == typeof(Texts).FullName).Select(called => called.Name).ToHashSet(StringComparer.Ordinal);
        Assert.Empty(Read("Texts.resx").Keys.Select(name => "get_" + name).Except(used));
    }

    /// <summary>A field would keep the language of the first person.</summary>
    [Fact]
    public void Texts_AreLookedUpWhenTheyAreShown() => Assert.Empty(
        from method in Methods()
        where method.IsConstructor && method.IsStatic
        from instruction in method.Body.Instructions
        where instruction.Operand is MethodReference called && called.DeclaringType.FullName == typeof(Texts).FullName
        select method.FullName);

    [Fact]
    public void Pages_HoldNoText()
    {
        var written = Methods().SelectMany(Written).ToList();

        Assert.True(written.Count > 500);
        AssertNone(written.Where(text => !Names.Contains(text.Text.Trim(' ', '–')) && Word().IsMatch(text.Text)).Select(text => $"{text.Where}: {text.Text.Trim()}").Distinct());
    }

    [Fact]
    public void Components_HoldNoSentence() => AssertNone(
        from method in Methods()
        where method.DeclaringType.Module == Compiled && IsOfAPage(method.DeclaringType) && !method.Body.Instructions.Any(instruction => IsRendering(instruction))
        from literal in method.Body.Instructions.Select(instruction => instruction.Operand).OfType<string>()
        where Sentence().IsMatch(literal) && !InTheLog.Contains(literal)
        select $"{method.DeclaringType.FullName}: {literal}");

    [Fact]
    public void Code_HoldsNoSentence()
    {
        var portal = Path.Combine(Built.SourceRoot, "Portal");
        var files = Folders.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(portal, folder), "*.cs", SearchOption.AllDirectories))
            .Append(Path.Combine(portal, "wwwroot", "portal.js"))
            .ToDictionary(file => Path.GetRelativePath(portal, file).Replace('\\', '/'));

        Assert.Empty(English.Keys.Except(files.Keys));
        AssertNone(
            from file in files
            where !English.ContainsKey(file.Key)
            let code = LogMessage().Replace(File.ReadAllText(file.Value), "")
            from line in code.Split('\n')
            where !Comment().IsMatch(line) && !ForDevelopers().IsMatch(line)
            from Match literal in (file.Key.EndsWith(".js", StringComparison.Ordinal) ? ScriptLiteral() : Literal()).Matches(line)
            where Sentence().IsMatch(literal.Value) && literal.Value.Trim('"') != FirstRun.CodeLabel
            select $"{file.Key}: {literal.Value}");
    }

    private static void AssertNone(IEnumerable<string> faults) => Assert.True(!faults.Any(), string.Join("\n", faults));

    private static Dictionary<string, string> Read(string file) => XDocument.Load(Path.Combine(Folder, file)).Root!.Elements("data")
        .ToDictionary(text => text.Attribute("name")!.Value, text => text.Element("value")!.Value, StringComparer.Ordinal);

    private static HashSet<string> Placeholders(string text) => [.. Placeholder().Matches(text).Select(match => match.Groups[1].Value)];

    private static bool IsMudBlazors(string name) => name.StartsWith("Mud", StringComparison.Ordinal) || name.StartsWith("Converter_", StringComparison.Ordinal)
        || name.StartsWith("HeatMap_", StringComparison.Ordinal);

    private static IEnumerable<MethodDefinition> Methods() => Compiled.GetTypes()
        .Where(type => type.FullName != typeof(Texts).FullName).SelectMany(type => type.Methods).Where(method => method.HasBody);

    /// <summary>Returns the literals that a component writes into a page: content, and attributes that are shown.</summary>
    private static IEnumerable<(string Where, string Text)> Written(MethodDefinition method)
    {
        foreach (var instruction in method.Body.Instructions)
        {
            if (!IsRendering(instruction))
                continue;
            var called = (MethodReference)instruction.Operand;
            var literals = LiteralsBefore(instruction);
            var (name, value) = (literals.ElementAtOrDefault(1) ?? "", literals.ElementAtOrDefault(0) ?? "");
            IEnumerable<string> texts = called.Name switch
            {
                "AddContent" => [value],
                "AddMarkupContent" => [Tag().Replace(value, " "), .. Attribute().Matches(value).Where(match => IsShown(match.Groups[1].Value)).Select(match => match.Groups[2].Value)],
                "AddAttribute" or "AddComponentParameter" when IsShown(name) => [value],
                _ => [],
            };
            foreach (var text in texts)
                yield return (method.DeclaringType.FullName, text);
        }
    }

    private static bool IsRendering(Instruction instruction) => instruction.Operand is MethodReference { DeclaringType.Name: "RenderTreeBuilder" };

    private static bool IsOfAPage(TypeDefinition type)
    {
        while (type.DeclaringType is { } outer)
            type = outer;
        return type.CustomAttributes.Any(attribute => attribute.AttributeType.Name == "RouteAttribute") || type.BaseType?.Name is "ActionComponent" or "LayoutComponentBase";
    }

    private static bool IsShown(string attribute) => Shown.Contains(attribute, StringComparer.Ordinal)
        || ShownParameter().IsMatch(attribute);

    /// <summary>Returns the literals that are pushed for a call, the last one first.</summary>
    private static List<string> LiteralsBefore(Instruction call)
    {
        var literals = new List<string>();
        for (var before = call.Previous; before is not null && before.OpCode.Code is Code.Ldstr or Code.Call or Code.Ldc_I4 or Code.Ldc_I4_S or Code.Box; before = before.Previous)
        {
            if (before.Operand is string literal)
                literals.Add(literal);
            else if (before.OpCode.Code == Code.Call && before.Operand is not MethodReference { Name: "TypeCheck" })
                break;
        }

        return literals;
    }

    [GeneratedRegex(@"\p{L}{2,}")]
    private static partial Regex Word();

    [GeneratedRegex(@"\{(\d)[^}]*\}")]
    private static partial Regex Placeholder();

    [GeneratedRegex("<[^>]*>|&[a-z]+;")]
    private static partial Regex Tag();

    [GeneratedRegex("([a-z-]+)=\"([^\"]*)\"")]
    private static partial Regex Attribute();

    /// <summary>Matches a component's parameters that are shown, by their usual names.</summary>
    [GeneratedRegex("^(Caption|Empty|Label|Legend|Hint|Text|Title|Placeholder|HelperText|[A-Z][a-z]+(Text|Title|Label|Hint))$")]
    private static partial Regex ShownParameter();

    [GeneratedRegex(@"^\s*(//|@\*|\*)")]
    private static partial Regex Comment();

    /// <summary>Matches the text of an exception that no page shows, and of the validation of a setting.</summary>
    [GeneratedRegex(@"Exception\(|\{Section\}:\{nameof\(|\bName = ""Password checks""|\bKey: ")]
    private static partial Regex ForDevelopers();

    [GeneratedRegex(@"\[LoggerMessage\([^\]]*\]|\.Log(Information|Warning|Error)\([^;]*;")]
    private static partial Regex LogMessage();

    [GeneratedRegex(@"""(?:[^""\\]|\\.)*""")]
    private static partial Regex Literal();

    [GeneratedRegex(@"`[A-Z][^`]*`|'[A-Z][^']*'")]
    private static partial Regex ScriptLiteral();

    /// <summary>Matches two words, the second of which isn't a name.</summary>
    [GeneratedRegex(@"\b\p{L}{2,},? [a-z']{2,}[ .,:?!]")]
    private static partial Regex Sentence();
}
