using Portal.Bench.Parts;
using Portal.Bench.Servers;

namespace Portal.Bench;

/// <summary>A run: measures one part after the other, prints each result immediately, and stores it in docs/performance.md.</summary>
internal sealed class Bench
{
    private Bench(Choice choice, PublishedPortal portal, DirectoryInfo folder) => (Choice, Portal, Folder) = (choice, portal, folder.FullName);

    public Choice Choice { get; }
    public PublishedPortal Portal { get; }

    /// <summary>The folder for temporary files of the run.</summary>
    public string Folder { get; }

    public static async Task RunAsync(Choice choice)
    {
        Tools.Require(choice.Parts);
        var folder = Directory.CreateTempSubdirectory("portal-bench-");
        try
        {
            Say("Publishing Portal");
            var bench = new Bench(choice, await PublishedPortal.PublishAsync(folder.FullName), folder);
            foreach (var part in choice.Parts)
                await bench.MeasureAsync(part);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Reports progress.</summary>
    public static void Say(string what) => Console.Error.WriteLine($"{TimeProvider.System.GetLocalNow():HH:mm:ss} {what}");

    /// <summary>Starts one of this program's own servers.</summary>
    public static Task<Server> ServeAsync(string name, params string[] role) =>
        Server.StartAsync(name, typeof(Bench).Assembly.Location, ["serve", .. role]);

    /// <summary>Measures all contenders in turn, so that other load on the machine affects them equally.</summary>
    /// <returns>The medians, in the order of the contenders.</returns>
    public async Task<Result[]> CompareAsync(params Contender[] contenders)
    {
        var samples = contenders.Select(_ => new List<Sample>()).ToArray();
        for (var round = -Choice.WarmUps; round < Choice.Rounds; round++)
            // Every other round runs backwards, so that a gradual slowdown doesn't always affect the last one most.
            foreach (var i in round % 2 == 0 ? Enumerable.Range(0, contenders.Length) : Enumerable.Range(0, contenders.Length).Reverse())
            {
                var sample = await contenders[i].Measure(Choice.RoundTime);
                // A server that isn't warmed up may delay its first responses beyond wrk's timeout.
                if (sample.Refused > 0 || (sample.Broken > 0 && round >= 0))
                    throw new BenchException(
                        $"{contenders[i].Name}, round {round}: {sample.Refused} requests refused, {sample.Broken} broken or late. The figures would mean nothing.");
                if (round >= 0)
                    samples[i].Add(sample);
            }

        return [.. contenders.Select((contender, i) => new Result(contender.Name, Sample.Median(samples[i])))];
    }

    private async Task MeasureAsync(IPart part)
    {
        Say($"Measuring: {part.Title}");
        var section = await part.MeasureAsync(this);
        Console.WriteLine($"## {part.Title}\n\n{section}");
        if (!Choice.Quick)
            await Page.PutAsync(part.Title, section);
    }
}

/// <summary>A server that is compared with others.</summary>
internal sealed record Contender(string Name, Func<TimeSpan, Task<Sample>> Measure)
{
    /// <param name="key">Null if none is sent.</param>
    public Contender(string name, Server server, string path, string? key)
        : this(name, time => Load.RunAsync(new Plan(server.Address + path, time) { Key = key }))
    {
    }
}

internal sealed record Result(string Name, Sample Median);

/// <summary>The reason why nothing could be measured, as a message for the user.</summary>
internal sealed class BenchException(string message) : Exception(message);
