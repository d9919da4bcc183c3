using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Api;

/// <summary>Runs the commands in docs/api.md as written, and compares the responses with those on the page.</summary>
/// <remarks>The page contains the number of tokens, so each test has its own Portal.</remarks>
[Slow]
public sealed partial class DocumentedCallsTests : IAsyncLifetime
{
    private const string Mark = "-- block";
    private readonly PortalHost _portal = new();

    public ValueTask InitializeAsync() => _portal.InitializeAsync();

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task ApiPage_EveryBlock_AnswersWhatThePageSays()
    {
        await SystemPackages.RequireAsync("curl", "curl");
        var key = await _portal.CreateTokenAsync();
        // The page itself creates one more.
        for (var number = 2; number < 42; number++)
            await _portal.CreateTokenAsync();
        var blocks = Blocks(await PageAsync("api.md"));
        using var folder = new TemporaryDirectory();

        var said = await RunAsync(string.Join('\n', blocks.Where(block => block.Language == "sh").Select(block => $"{block.Text}echo; echo '{Mark}'")), key, folder.Path);

        var compared = 0;
        foreach (var (language, expected) in blocks)
        {
            if (language == "sh")
            {
                compared++;
                continue;
            }

            var actual = said[compared - 1].Trim();
            if (language == "json")
                AssertHolds(JsonDocument.Parse(expected).RootElement, JsonDocument.Parse(actual).RootElement, actual);
            else
                Assert.Equal(expected.Trim(), actual.ReplaceLineEndings("\n"));
        }

        Assert.Equal(compared, said.Length);
        Assert.InRange(blocks.Count(block => block.Language != "sh"), 9, 100);
        await AssertRotatedAsync(folder.Path);
    }

    [Fact]
    public async Task QueriesPage_TheExample_IsAnswered()
    {
        var page = await PageAsync("queries.md");
        var example = ExampleLine().Match(page).Groups[1].Value;

        Assert.NotEqual("", example);
        await _portal.CallAsync(await _portal.CreateTokenAsync(), "GET", example).JsonAsync();
    }

    /// <summary>After the page's last script, only one key works.</summary>
    private async Task AssertRotatedAsync(string folder)
    {
        var kept = (await File.ReadAllTextAsync(Path.Combine(folder, "deployed.key"), TestContext.Current.CancellationToken)).Trim();
        Assert.True(await _portal.IsAcceptedAsync(kept));
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(folder), entry => Path.GetFileName(entry).StartsWith("deployed.key.", StringComparison.Ordinal));
    }

    /// <returns>The output of each block.</returns>
    private async Task<string[]> RunAsync(string script, ApiKey key, string folder)
    {
        var start = new ProcessStartInfo("bash", ["-u"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder,
            Environment = { ["API"] = $"{_portal.Address}public/v1", ["KEY"] = key.ToHeaderValue(), ["no_proxy"] = "*" },
        };
        using var bash = Process.Start(start)!;
        await bash.StandardInput.WriteAsync(script);
        await bash.StandardInput.WriteAsync('\n');
        bash.StandardInput.Close();
        var complaints = bash.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var said = await bash.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await bash.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal("", await complaints);
        return said.Split(Mark + "\n", StringSplitOptions.None)[..^1];
    }

    /// <summary>Asserts that a response contains everything that the page shows of it; "…" stands for any characters.</summary>
    private static void AssertHolds(JsonElement expected, JsonElement actual, string answer)
    {
        Assert.True(expected.ValueKind == actual.ValueKind, answer);
        if (expected.ValueKind == JsonValueKind.Object)
            foreach (var field in expected.EnumerateObject())
            {
                Assert.True(actual.TryGetProperty(field.Name, out var value), $"{field.Name}: {answer}");
                AssertHolds(field.Value, value, answer);
            }
        else if (expected.ValueKind == JsonValueKind.Array)
        {
            Assert.True(expected.GetArrayLength() == actual.GetArrayLength(), answer);
            foreach (var (one, other) in expected.EnumerateArray().Zip(actual.EnumerateArray()))
                AssertHolds(one, other, answer);
        }
        else if (expected.ValueKind == JsonValueKind.String)
            Assert.Matches($"^{Regex.Escape(expected.GetString()!).Replace("…", ".+", StringComparison.Ordinal)}$", actual.GetString());
        else
            Assert.Equal(expected.GetRawText(), actual.GetRawText());
    }

    private static Task<string> PageAsync(string name) =>
        File.ReadAllTextAsync(Path.Combine(Built.SourceRoot, "docs", name), TestContext.Current.CancellationToken);

    private static List<(string Language, string Text)> Blocks(string page) =>
        [.. Block().Matches(page).Select(match => (match.Groups[1].Value, match.Groups[2].Value)).Where(block => block.Item1 is "sh" or "json" or "text")];

    [GeneratedRegex(@"^```(\w+)\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"^GET (/public/v1/\S+)$", RegexOptions.Multiline)]
    private static partial Regex ExampleLine();
}
