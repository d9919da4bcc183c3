using System.Diagnostics;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Portal.Accounts;
using Portal.Authentication;
using Portal.Bench.Seeds;
using Portal.Bench.Servers;
using Portal.Data;

namespace Portal.Bench.Parts;

/// <summary>Measures whether the time of a refusal reveals why: whether a handle or a user exists, and whether a key was ever right.</summary>
internal sealed class TimingPart : IPart
{
    /// <summary>Above this value of Welch's t, two kinds of refusals take different times.</summary>
    private const double Most = 4.5;

    /// <summary>The number of keys of each kind that are sent again and again. With a single one, the time would depend on its place in memory.</summary>
    private const int RepeatedKeys = 1_000;

    private static readonly string[] Kinds = ["unknown handle", "wrong secret", "retired key"];

    public string Name => "timing";
    public string Title => "Time of refusals";

    public async Task<string> MeasureAsync(Bench bench)
    {
        var data = Path.Combine(bench.Folder, Name);
        var (tries, signIns) = (bench.Choice.TimedKeys, bench.Choice.TimedSignIns);
        await Seed.CreateAsync(bench.Portal.Folder, data, 2 * tries);
        await SeededUser.CreateAsync(bench.Portal.Folder, data);
        await RetireAsync(bench.Portal.Folder, data);
        var transport = new MemoryTransport();
        await using var portal = new InProcessPortal(data, transport, ("Tokens:FailedVerifications", ""), ("SignIn:FailuresPerAccount", "100000"), ("SignIn:FailuresPerAddressAndAccount", "1000"));
        portal.StartServer();
        await portal.Services.GetRequiredService<KnownSecrets>().ReadAsync(CancellationToken.None);
        var connection = transport.Connect(portal.Services);

        // The keys of the first half are retired. Wrong secrets are sent with the handles of the other.
        Func<Task> Refused(int kind, int i)
        {
            var (handle, secret) = kind switch { 0 => (500_000_000 + i, 600_000_000 + i), 1 => (tries + i, 600_000_000 + i), _ => (i, i) };
            return Refusal(connection, handle, secret);
        }

        Func<Task> SignIn(int kind, int i) => () => SignInAsync(portal.Services, kind == 0 ? $"nobody{i}@example.com" : SeededUser.Email, i);

        // These compile the code.
        await CompareAsync(tries / 4, Kinds, (kind, i) => Refused(kind, i % RepeatedKeys));
        Pair[] pairs =
        [
            .. await CompareAsync(tries, Kinds, Refused, "first try"),
            .. await CompareAsync(tries, Kinds, (kind, i) => Refused(kind, i % RepeatedKeys), "later tries"),
            .. await CompareAsync(signIns, ["unknown address", "wrong password"], SignIn, "sign-in"),
        ];
        return $"""
            Refused requests and sign-ins, one after another within the process, with the kinds in random order. The time of a request is that from its first
            byte to the last byte of the response, without the network; for the first try, each request has another handle, and for later tries, {RepeatedKeys.ToString("N0", CultureInfo.InvariantCulture)} keys of
            each kind are repeated. The time of a sign-in is that of the service that the page calls. Welch's t compares the times of two kinds; below {Most.ToString(CultureInfo.InvariantCulture)},
            they can't be told apart. The slowest tenth of each kind is left out, because other work of the machine causes it.

            | | tries of each | means, µs | t |
            |---|--:|--:|--:|
            {string.Join('\n', pairs.Select(pair => pair.Row))}

            {Table.Aim($"t is below {Most.ToString(CultureInfo.InvariantCulture)}", pairs.All(pair => Math.Abs(pair.T) < Most))}

            """;
    }

    /// <summary>Replaces the secrets of the first half of the tokens.</summary>
    private static async Task RetireAsync(string program, string data)
    {
        await using var app = await PortalServices.OpenAsync(program, data);
        await using var context = await app.Services.GetRequiredService<IDbContextFactory<PortalDbContext>>().CreateDbContextAsync();
        var now = TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(-1);
        var middle = await context.Tokens.Where(token => token.Handle == SeededKeys.At(0).Handle).Select(token => token.Id).SingleAsync()
            + await context.Tokens.CountAsync() / 2;
        await context.Database.ExecuteSqlAsync(
            $"""UPDATE "TokenSecrets" SET "EndsAt" = {now}, "EndedAt" = {now}, "Protected" = NULL WHERE "TokenId" < {middle}""");
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO "TokenSecrets" ("TokenId", "Hash", "CreatedAt", "UsedCount")
            SELECT "Id", randomblob(32), {now}, 0 FROM "Tokens" WHERE "Id" < {middle}
            """);
    }

    /// <summary>Prepares a request in the same way for each kind: where it is in memory, and what is done shortly before, influences its time.</summary>
    private static Func<Task> Refusal(IDuplexPipe connection, int handle, int secret)
    {
        var key = $"ApiKey {SeededKeys.At(handle).Handle}:{SeededKeys.At(secret).ToHeaderValue().Split(':')[1]}";
        var request = new RequestCost(connection, BareServer.Path, key);
        return async () =>
        {
            var response = await request.SendAsync();
            if (!response.StartsWith("HTTP/1.1 401", StringComparison.Ordinal))
                throw new BenchException($"A wrong key got: {response[..Math.Min(80, response.Length)]}");
        };
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

    /// <summary>Runs the kinds in turn, each time in another random order, and compares each with the first.</summary>
    /// <param name="prepare">Returns what is measured for a kind and a try.</param>
    private static async Task<List<Pair>> CompareAsync(int tries, string[] kinds, Func<int, int, Func<Task>> prepare, string what = "")
    {
        var times = Array.ConvertAll(kinds, _ => new double[tries]);
        int[] order = [.. Enumerable.Range(0, kinds.Length)];
        for (var i = 0; i < tries; i++)
        {
            RandomNumberGenerator.Shuffle<int>(order);
            foreach (var kind in order)
            {
                var run = prepare(kind, i);
                var start = Stopwatch.GetTimestamp();
                await run();
                times[kind][i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            }
        }

        return [.. Enumerable.Range(1, kinds.Length - 1).Select(kind => new Pair($"{what}: {kinds[0]} – {kinds[kind]}", Fast(times[0]), Fast(times[kind])))];
    }

    private static double[] Fast(double[] times) => [.. times.Order().Take(times.Length * 9 / 10)];

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

        public string Row => string.Create(CultureInfo.InvariantCulture, $"| {What} | {One.Length:N0} | {One.Average():N2}, {Other.Average():N2} | {T:0.0} |");

        private static (double Mean, double Variance) Moments(double[] values)
        {
            var mean = values.Average();
            return (mean, values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1));
        }
    }
}
