using Portal.Commands;
using Portal.Tests.Support;

namespace Portal.Tests.Commands;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("--demo")]
    [InlineData("--urls", "http://localhost:5080")]
    [InlineData("--urls=http://localhost:5080")]
    [InlineData("--Statistics:RetentionDays=30")]
    [InlineData("Statistics:RetentionDays=30")]
    [InlineData("/Statistics:RetentionDays", "30")]
    [InlineData("--accept-clock")]
    [InlineData("--environment", "Development", "--demo")]
    [InlineData]
    public void IsCommand_ArgumentsOfAStart_AreNone(params string[] args) => Assert.False(CommandLine.IsCommand(args));

    [Theory]
    [InlineData("backup")]
    [InlineData("backpu", "file")]
    [InlineData("admin", "list")]
    [InlineData("--help")]
    [InlineData("--version")]
    [InlineData("--data-directory", "folder", "backup", "file")]
    [InlineData("--data-directory=folder", "doctor")]
    [InlineData("--json", "doctor")]
    [InlineData("[suggest:3]", "Portal ")]
    public void IsCommand_WordHelpOrDirective_IsOne(params string[] args) => Assert.True(CommandLine.IsCommand(args));

    [Theory]
    [InlineData("Unrecognized command or argument 'backpu'.", "backpu")]
    [InlineData("Run Portal backup --help.", "backup")]
    [InlineData("Run Portal admin --help.", "admin")]
    [InlineData("Run Portal admin add --help.", "admin", "add")]
    [InlineData("Run Portal admin add --help.", "admin", "add", "a@example.com", "--role", "King")]
    [InlineData("Unrecognized command or argument '--passphrase'.", "verify", "file", "--passphrase", "secret")]
    public async Task Run_WrongUsage_IsOneLineAndExitCode2(string expected, params string[] args) =>
        (await ProgramRun.RunCommandAsync(args)).AssertFailed(expected, exitCode: 2);

    [Fact]
    public async Task Run_Help_ListsTheCommands()
    {
        var help = await ProgramRun.RunCommandAsync("--help");

        Assert.Equal(0, help.ExitCode);
        Assert.All((string[])["admin", "audit", "backup", "verify", "restore", "doctor", "rekey"], command => Assert.Matches($"(?m)^  {command} ", help.Output));
    }

    [Fact]
    public async Task Run_SuggestDirective_CompletesForTheShell()
    {
        var suggested = await ProgramRun.RunCommandAsync("[suggest:13]", "Portal admin ");

        Assert.Equal(0, suggested.ExitCode);
        Assert.Superset(new HashSet<string> { "add", "list", "reset-password", "unlock" }, suggested.Output.Split('\n', StringSplitOptions.TrimEntries).ToHashSet());
    }

    [Fact]
    public async Task Document_DescribesEveryCommand()
    {
        var document = await File.ReadAllTextAsync(Path.Combine(Built.SourceRoot, "docs", "operations.md"), TestContext.Current.CancellationToken);
        var root = CommandLine.CreateRoot(_ => { });

        Assert.All(root.Subcommands, command => Assert.Contains($"Portal {command.Name}", document, StringComparison.Ordinal));
    }
}
