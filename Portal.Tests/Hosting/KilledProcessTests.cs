using System.Diagnostics;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Tests.Support;

namespace Portal.Tests.Hosting;

/// <summary>A process is killed while clients make requests and tokens change: every confirmed change and every count that had reached the database
/// is kept. With PORTAL_KILLS (manually, on an idle machine), it also checks that only counts of the last second are lost.</summary>
[Slow]
public sealed class KilledProcessTests
{
    private static readonly string? ByHand = Environment.GetEnvironmentVariable("PORTAL_KILLS");
    private static readonly int Kills = int.Parse(ByHand ?? "3", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Kill_UnderLoad_KeepsWhatWasConfirmedAndWhatWasCounted()
    {
        using var folder = new TemporaryDirectory();
        var confirmed = new Dictionary<string, int>();
        for (var kill = 1; kill <= Kills; kill++)
        {
            await using var process = await TokenChangingProcess.StartAsync(folder.Path);
            await using var callers = new Callers(process.Address, process.Key, count: 16);
            callers.Start();
            var before = 0L;
            async Task LoadAsync()
            {
                // Later than the last second, and never at the same point of the process's work.
                do
                    await callers.ReceivedAsync(500 + 37 * kill);
                while (callers.AnswersBefore(Stopwatch.GetTimestamp() - Stopwatch.Frequency) == 0);
                while ((before = await CountAsync(folder.Path, process.Key)) == 0)
                    await Task.Yield();
            }

            foreach (var (key, step) in await process.KillAsync(LoadAsync()))
                confirmed[key] = step;
            var killedAt = Stopwatch.GetTimestamp();
            await callers.StopAsync();

            await AssertIntactAsync(folder.Path);
            await AssertKeptAsync(folder.Path, confirmed);
            var counted = await CountAsync(folder.Path, process.Key);
            var certain = callers.AnswersBefore(killedAt - Stopwatch.Frequency);
            Assert.InRange(counted, ByHand is null ? before : certain, callers.Sent);
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"kill {kill}: {callers.Answers.Values.Sum()} answered, {certain} of them before the last second, {counted} counted, {confirmed.Count} tokens confirmed");
        }
    }

    private static async Task AssertIntactAsync(string folder)
    {
        await using var context = StoredData.Open(folder);
        Assert.Equal(["ok"], await context.Database.SqlQueryRaw<string>("PRAGMA integrity_check").ToListAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Asserts that each token is at least at its confirmed step.</summary>
    internal static async Task AssertKeptAsync(string folder, Dictionary<string, int> confirmed)
    {
        Assert.NotEmpty(confirmed);
        await using var context = StoredData.Open(folder);
        var kept = await context.Tokens.ToDictionaryAsync(token => token.Handle, token => token.Status, TestContext.Current.CancellationToken);
        foreach (var (key, step) in confirmed)
        {
            var handle = key["ApiKey ".Length..key.IndexOf(':', StringComparison.Ordinal)];
            var reached = kept.GetValueOrDefault(handle) switch
            {
                _ when !kept.ContainsKey(handle) => 0,
                StoredStatus.Active => 1,
                StoredStatus.Inactive => 2,
                _ => 3,
            };
            // The last change may have been made without being confirmed.
            Assert.True(reached >= step, $"{handle}: step {step} was confirmed, step {reached} was kept");
        }
    }

    private static async Task<long> CountAsync(string folder, string key)
    {
        var handle = key["ApiKey ".Length..key.IndexOf(':', StringComparison.Ordinal)];
        await using var context = StoredData.Open(folder);
        return await context.DailyCounts
            .Where(count => context.Tokens.Any(token => token.Id == count.TokenId && token.Handle == handle))
            .SumAsync(count => count.Count, TestContext.Current.CancellationToken);
    }
}
