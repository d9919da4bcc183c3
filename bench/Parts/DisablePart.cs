using System.Data.Common;
using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;
using Portal.Bench.Seeds;
using Portal.Bench.Servers;
using Portal.Data;
using Portal.Tokens;

namespace Portal.Bench.Parts;

/// <summary>Measures whether a disabled token is refused from the very next request, under full load with the same tokens.</summary>
internal sealed class DisablePart : IPart
{
    private const int MoreTokens = 5_000;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(4), LongEnough = TimeSpan.FromHours(1);

    public string Name => "disable";
    public string Title => "Disable under load";

    public async Task<string> MeasureAsync(Bench bench)
    {
        var data = Path.Combine(bench.Folder, Name);
        await Seed.CreateAsync(bench.Portal.Folder, data, MoreTokens);
        await using var portal = new PortalHere(data);
        var few = await TryAsync(portal, Choice.FewTokens, bench.Choice.Trials);
        // Every token in use has counts to be written, so changes compete with them for the database.
        var many = await TryAsync(portal, MoreTokens, bench.Choice.Trials / 10);
        return $"""
            64 connections send requests with the keys of the tokens in use, as fast as possible. Meanwhile, the benchmark disables one of these tokens and
            sends a request with its key as soon as the call returns. It then enables the token and sends another request. It repeats this trial with the next
            token. {Page.Machine}.

            | tokens in use | {few.Tokens:N0} | {many.Tokens:N0} |
            |---|--:|--:|
            | requests/s | {few.PerSecond:N0} | {many.PerSecond:N0} |
            | trials | {few.Trials.Count:N0} | {many.Trials.Count:N0} |
            | responses other than `401 AUTH_002` after disabling | {few.Served} | {many.Served} |
            | responses other than `200` after enabling | {few.Refused} | {many.Refused} |
            | failed changes; the first one ends the trials | {few.Failed} | {many.Failed} |
            | time to disable, median, ms | {few.TimeAt(0.5):0.0} | {many.TimeAt(0.5):0.0} |
            | time to disable, p99, ms | {few.TimeAt(0.99):0.0} | {many.TimeAt(0.99):0.0} |

            {Table.Aim("no unexpected response and no failed change", few.IsFlawless && many.IsFlawless)}

            """;
    }

    private static async Task<Series> TryAsync(PortalHere portal, int tokens, int count)
    {
        var plan = Plan.WithSeededKeys(portal.Address + BareServer.Path, LongEnough, tokens);
        await Load.RunAsync(plan with { Time = WarmUp });
        using var load = Load.Start(plan);
        using var client = new HttpClient { BaseAddress = new Uri(portal.Address) };
        var service = portal.Services.GetRequiredService<TokenService>();
        var (trials, failed) = (new List<Trial>(), 0);
        for (var i = 0; i < count && failed == 0; i++)
            try
            {
                trials.Add(await TryAsync(service, client, SeededKeys.At(i % tokens)));
            }
            catch (Exception exception) when (exception is DbException or DbUpdateException or DatabaseBusyException)
            {
                Bench.Say($"A change failed: {exception.GetBaseException().Message}");
                failed++;
            }

        var sample = await load.StopAsync();
        return sample.Broken == 0
            ? new Series(tokens, sample.PerSecond, trials, failed)
            : throw new BenchException($"The load failed {sample.Broken} times: the figures would mean nothing.");
    }

    private static async Task<Trial> TryAsync(TokenService tokens, HttpClient client, ApiKey key)
    {
        var time = Stopwatch.StartNew();
        Expect(await tokens.DisableAsync(Seed.Actor, key.Handle));
        var taken = time.Elapsed;
        var (status, body) = await AskAsync(client, key);
        Expect(await tokens.EnableAsync(Seed.Actor, key.Handle));
        var (again, _) = await AskAsync(client, key);
        return new Trial(
            taken, status == HttpStatusCode.Unauthorized && body.Contains("AUTH_002", StringComparison.Ordinal), again == HttpStatusCode.OK);
    }

    private static void Expect(TokenOutcome outcome)
    {
        if (outcome is not TokenOutcome.Done)
            throw new BenchException($"The token could not be changed: {outcome}.");
    }

    private static async Task<(HttpStatusCode Status, string Body)> AskAsync(HttpClient client, ApiKey key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, BareServer.Path);
        request.Headers.TryAddWithoutValidation("Authorization", key.ToHeaderValue());
        using var response = await client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private sealed record Trial(TimeSpan Time, bool WasRefused, bool WasServedAgain);

    private sealed record Series(int Tokens, double PerSecond, IReadOnlyList<Trial> Trials, int Failed)
    {
        public int Served => Trials.Count(trial => !trial.WasRefused);
        public int Refused => Trials.Count(trial => !trial.WasServedAgain);
        public bool IsFlawless => Served + Refused + Failed == 0;

        /// <summary>The time in milliseconds within which this fraction of the trials disabled the token; NaN if there were none.</summary>
        public double TimeAt(double part) =>
            Trials.Select(trial => trial.Time.TotalMilliseconds).Order().Cast<double?>().ElementAtOrDefault((int)(Trials.Count * part)) ?? double.NaN;
    }

    /// <summary>Portal in this process, on its own port, so that its services can be called.</summary>
    private sealed class PortalHere : WebApplicationFactory<TokenService>
    {
        private readonly string _data;

        public PortalHere(string data)
        {
            _data = data;
            UseKestrel(0);
            StartServer();
            Address = new UriBuilder(ClientOptions.BaseAddress) { Host = "127.0.0.1" }.Uri.GetLeftPart(UriPartial.Authority);
        }

        public string Address { get; }

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseEnvironment("Development");
            builder.UseSetting(DataDirectory.SettingName, _data);
            builder.ConfigureLogging(logging => logging.ClearProviders());
        }
    }
}
