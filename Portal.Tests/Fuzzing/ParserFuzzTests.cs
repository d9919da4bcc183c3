using System.Diagnostics;
using System.Reflection;
using Microsoft.Extensions.Primitives;
using Portal.Data;

namespace Portal.Tests.Fuzzing;

/// <summary>No text from outside makes a parser throw or takes it long.</summary>
public sealed class ParserFuzzTests
{
    /// <summary>The number of texts for each parser. For a long run, set the variable, for example to 50000.</summary>
    private static readonly int Inputs = int.TryParse(Environment.GetEnvironmentVariable("PORTAL_FUZZ_INPUTS"), out var inputs) ? inputs : 1_500;

    private static readonly string[] Verbs = ["Parse", "TryParse", "Read", "ReadAsync", "ReadName", "ReadHandle", "Find", "IsCode", "Holds", "HoldsKey", "Hide", "HideKeys", "HideInPath", "Clean", "CleanLines", "CleanHeader", "Check"];

    /// <summary>They read the configuration, the command line, files of this installation, or what another parser has read.</summary>
    private static readonly string[] NotFromOutside =
    [
        "PortalRun.Parse", "IntegrityCheck.Find", "SqliteIntegrity.Find", "Passphrase.Read", "RequestTarget.Read", "ApiList.Read", "KeyRing.Read", "RequestBody.ReadAsync", "ScimTokens.Read",
        "SecretFile.Read",
    ];

    public static TheoryData<string> Methods => [.. FuzzTargets.All.Select(target => target.Method)];

    [Theory]
    [MemberData(nameof(Methods))]
    public void Run_HostileTexts_NoneThrowsOrTakesLong(string method)
    {
        var target = FuzzTargets.All.Single(target => target.Method == method);
        Assert.All(target.Good, target.Run);
        var inputs = new FuzzInputs(method.Length * 7919, target.Good);
        for (var i = 0; i < Math.Max(10, Inputs / target.Share); i++)
        {
            var text = inputs.Next();
            try
            {
                if (Measure(target, text) is var first && first > target.Longest)
                    // The machine may have done something else meanwhile.
                    Assert.True(Enumerable.Range(0, 3).Any(_ => Measure(target, text) < target.Longest), $"{first.TotalMilliseconds:0} ms for {Describe(text)}");
            }
            catch (Exception exception) when (exception is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"{exception.GetType().Name} for {Describe(text)}: {exception}");
            }
        }
    }

    /// <summary>Finds parsers by their names: static methods of Portal that take a text and are called Parse, Read and the like.</summary>
    [Fact]
    public void Targets_EveryParser_IsAmongThem()
    {
        Type[] texts = [typeof(string), typeof(ReadOnlySpan<char>), typeof(StringValues), typeof(Uri)];
        var parsers =
            from type in typeof(SecretText).Assembly.GetTypes()
            where type.Namespace?.StartsWith("Portal", StringComparison.Ordinal) == true && !type.IsNested && !type.Name.Contains('<', StringComparison.Ordinal)
            where type.Namespace != "Portal.Commands.Backups" && !type.Name.StartsWith("Sqlite", StringComparison.Ordinal)
            from method in type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            where Verbs.Contains(method.Name) && !method.IsPrivate && method.GetParameters() is [var first, ..] && texts.Contains(first.ParameterType)
            select $"{type.Name}.{method.Name}";
        var found = parsers.Distinct().ToList();
        Assert.True(found.Count > 25, string.Join(' ', found));
        Assert.Empty(found.Except(FuzzTargets.All.Select(target => target.Method)).Except(NotFromOutside));
        Assert.Distinct(FuzzTargets.All.Select(target => target.Method));
    }

    private static TimeSpan Measure(FuzzTarget target, string text)
    {
        var start = Stopwatch.GetTimestamp();
        target.Run(text);
        return Stopwatch.GetElapsedTime(start);
    }

    private static string Describe(string text) => $"{text.Length} characters: {string.Concat(text.Take(300).Select(character => character is >= ' ' and <= '~' ? $"{character}" : $"\\u{(int)character:X4}"))}";
}
