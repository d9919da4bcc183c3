using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Tests.Support;

namespace Portal.Tests.Commands;

/// <summary><c>Portal audit verify</c> on a data directory with one token.</summary>
public sealed class AuditCommandsTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Verify_UntouchedLog_IsDoneAndPrintsTheNewestEntry()
    {
        await StoredData.WithTokenAsync(_folder.Path);

        var result = await RunAsync();

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("Every entry fits the one before it.", result.Output, StringComparison.Ordinal);
        var head = result.Output.Split("Newest entry: ")[1].Trim();
        Assert.Matches("^[0-9]+:[0-9a-f]{64}$", head);
        var again = await RunAsync("--expect", head);
        Assert.Equal(0, again.ExitCode);
        Assert.Contains("The expected entry is there.", again.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_ChangedLogOrAnotherOneExpected_FailsAndSaysWhere()
    {
        await StoredData.WithTokenAsync(_folder.Path);
        var missing = await RunAsync("--expect", $"77:{new string('a', 64)}");
        Assert.Equal(1, missing.ExitCode);
        Assert.Contains("FAILURE: the expected entry is missing or has another hash.", missing.Output, StringComparison.Ordinal);

        await using (var context = StoredData.Open(_folder.Path))
        {
            await context.Database.ExecuteSqlRawAsync(AuditTriggers.Off, TestContext.Current.CancellationToken);
            await context.AuditEntries.ExecuteUpdateAsync(set => set.SetProperty(entry => entry.ActorName, "Nobody"), TestContext.Current.CancellationToken);
        }

        var changed = await RunAsync();
        Assert.Equal(1, changed.ExitCode);
        Assert.Matches("FAILURE: (entry|entries) [0-9]", changed.Output);

        await using (var context = StoredData.Open(_folder.Path))
        {
            context.AuditTrims.Add(new AuditTrim { At = TestPortal.Start, LastEntryId = 1, Entries = 1 });
            await context.SaveChangesAsync(TestContext.Current.CancellationToken);
        }

        var forged = await RunAsync();
        Assert.Equal(1, forged.ExitCode);
        Assert.Contains("FAILURE: the log doesn't record the removal of the entries up to 1,", forged.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("7")]
    [InlineData("7:abc")]
    [InlineData("x:0000000000000000000000000000000000000000000000000000000000000000")]
    public async Task Verify_ExpectationInAnotherForm_IsWrongUsage(string expected) => (await RunAsync("--expect", expected)).AssertFailed("--expect must be", exitCode: 2);

    private Task<CommandResult> RunAsync(params string[] args) => ProgramRun.RunCommandAsync(["audit", "verify", "--data-directory", _folder.Path, .. args]);
}
