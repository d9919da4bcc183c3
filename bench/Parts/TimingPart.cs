using System.Diagnostics;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using Portal.Accounts;
using Portal.Bench.Seeds;
using Portal.Bench.Servers;
using Portal.Tokens;

namespace Portal.Bench.Parts;

/// <summary>Measures whether the time of a refusal reveals why: whether a handle or a user exists, and whether a key was ever right.</summary>
internal sealed class TimingPart : IPart
{
    /// <summary>Above this value of Welch's t, two kinds of refusals take different times.</summary>
    private const double Most = 4.5;

    public string Name => "timing";
    public string Title => "Time of refusals";

    public async Task<string> MeasureAsync(Bench bench)
    {
        var data = Path.Combine(bench.Folder, Name);
        var tries = bench.Choice.TimedKeys;
        await Seed.CreateAsync(bench.Portal.Folder, data, tries + 1);
        await SeededUser.CreateAsync(bench.Portal.Folder, data);
        var transport = new MemoryTransport();
        await using var portal = new InProcessPortal(data, transport, ("Tokens:FailedVerifications", ""), ("SignIn:FailuresPerAccount", "100000"), ("SignIn:FailuresPerAddressAndAccount", "1000"));
        portal.StartServer();
        var connection = transport.Connect(portal.Services);
        var retired = SeededKeys.At(0).ToHeaderValue();
        await portal.Services.GetRequiredService<TokenService>().RotateAsync(Seed.Actor, SeededKeys.At(0).Handle, null);

        var first = await CompareAsync(tries, ["unknown handle", "wrong secret"], (kind, i) => SendAsync(connection, kind == 0 ? Unknown(i) : Wrong(SeededKeys.At(i + 1).Handle)));
        var later = await CompareAsync(tries, ["unknown handle", "wrong secret", "retired key"], (kind, _) => SendAsync(connection, kind switch
        {
            0 => Unknown(0),
            1 => Wrong(SeededKeys.At(1).Handle),
            _ => retired,
        }));
        var signIns = await CompareAsync(bench.Choice.TimedSignIns, ["unknown address", "wrong password"], (kind, i) => SignInAsync(portal.Services, kind == 0 ? $"nobody{i}@example.com" : SeededUser.Email, i));
        Pair[] pairs = [.. first.Select(pair => pair with { What = pair.What + ", first try" }), .. later.Select(pair => pair with { What = pair.What + ", later tries" }), .. signIns.Select(pair => pair with { What = "sign-in: " + pair.What })];
        return $"""
            Requests that are refused, one after another within the process, with the kinds in turn. Welch's t compares the times of two kinds; below {Most.ToString(CultureInfo.InvariantCulture)},
            they can't be told apart. The slowest tenth of each kind is left out, because other work of the machine causes it.

            | | tries of each | means, µs | t |
            |---|--:|--:|--:|
            {string.Join('\n', pairs.Select(pair => pair.Row))}

            For the first request with an existing handle, Portal reads more rows than for an unknown handle. A handle isn't a secret: pages and logs show it.

            {Table.Aim($"t is below {Most.ToString(CultureInfo.InvariantCulture)}", pairs.All(pair => Math.Abs(pair.T) < Most))}

            """;
    }

    private static string Unknown(int i) => $"ApiKey {SeededKeys.At(500_000_000 + i).Handle}:{new string('0', 40)}";

    private static string Wrong(string handle) => $"ApiKey {handle}:{new string('0', 40)}";

    private static async Task SendAsync(IDuplexPipe connection, string key)
    {
        var response = await new RequestCost(connection, BareServer.Path, key).SendAsync();
        if (!response.StartsWith("HTTP/1.1 401", StringComparison.Ordinal))
            throw new BenchException($"A wrong key got: {response[..Math.Min(80, response.Length)]}");
    }

    private static async Task SignInAsync(IServiceProvider services, string email, int i)
    {
        await using var scope = services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<IHttpContextAccessor>().HttpContext = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
        var result = await scope.ServiceProvider.GetRequiredService<SignInService>()
            .SignInAsync(new SignInAttempt(email, "not the password", new IPAddress([10, (byte)(i >> 16), (byte)(i >> 8), (byte)i])));
        if (result.Outcome != SignInOutcome.Refused)
            throw new BenchException($"A wrong password led to {result.Outcome}.");
    }

    /// <summary>Runs each kind in turn, in a changing order, and compares each with the first.</summary>
    private static async Task<List<Pair>> CompareAsync(int tries, string[] kinds, Func<int, int, Task> run)
    {
        var times = kinds.Select(_ => new List<double>(tries)).ToArray();
        for (var i = 0; i < tries; i++)
            for (var turn = 0; turn < kinds.Length; turn++)
            {
                var kind = (turn + i) % kinds.Length;
                var start = Stopwatch.GetTimestamp();
                await run(kind, i);
                times[kind].Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
            }

        return [.. Enumerable.Range(1, kinds.Length - 1).Select(kind => new Pair($"{kinds[0]} – {kinds[kind]}", Fast(times[0]), Fast(times[kind])))];
    }

    /// <summary>All but the first tries, which compile the code, and the slowest tenth.</summary>
    private static double[] Fast(List<double> times)
    {
        var steady = times.Skip(times.Count / 10).Order().ToArray();
        return steady[..(steady.Length * 9 / 10)];
    }

    private sealed record Pair(string What, double[] One, double[] Other)
    {
        public double T
        {
            get
            {
                var ((mean, variance), (otherMean, otherVariance)) = (Moments(One), Moments(Other));
                return (mean - otherMean) / Math.Sqrt((variance / One.Length) + (otherVariance / Other.Length));
            }
        }

        public string Row => string.Create(CultureInfo.InvariantCulture, $"| {What} | {One.Length:N0} | {One.Average():N1}, {Other.Average():N1} | {T:0.0} |");

        private static (double Mean, double Variance) Moments(double[] values)
        {
            var mean = values.Average();
            return (mean, values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1));
        }
    }
}
