using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Mvc.Testing;
using Portal.Bench.Seeds;
using Portal.Bench.Servers;
using Portal.Data;
using Portal.Tokens;

namespace Portal.Bench.Parts;

/// <summary>Whether a token that was disabled is refused from the very next request on, under full load with the same tokens.</summary>
internal sealed class DisablePart : IPart
{
    private static readonly TimeSpan LongEnough = TimeSpan.FromHours(1);

    public string Name => "disable";
    public string Title => "Disabling under load";

    public async Task<string> MeasureAsync(Bench bench)
    {
        var data = Path.Combine(bench.Folder, Name);
        await Seed.CreateAsync(bench.Portal.Folder, data, Choice.FewTokens);
        await using var portal = new PortalHere(data);
        using var load = Load.Start(Plan.WithSeededKeys(portal.Address + BareServer.Path, LongEnough, Choice.FewTokens));
        var trials = await TryAsync(portal, bench.Choice);
        var sample = await load.StopAsync();
        if (sample.Broken > 0)
            throw new BenchException($"The load failed {sample.Broken} times: the figures would mean nothing.");
        var times = trials.Select(trial => trial.Time.TotalMilliseconds).Order().ToArray();
        var (served, refused) = (trials.Count(trial => !trial.WasRefused), trials.Count(trial => !trial.WasServedAgain));
        return $"""
            While 64 connections send requests with the keys of {Choice.FewTokens} tokens as fast as they are answered, one of these tokens
            after the other is disabled, and asked for at once when the call has returned; then enabled, and asked for again.
            {Page.Machine}; {trials.Count:N0} trials at {sample.PerSecond:N0} requests a second.

            | | |
            |---|--:|
            | answered anything but `401 AUTH_002` after it was disabled | {served} |
            | answered anything but `200` after it was enabled | {refused} |
            | time of disabling, median | {times[times.Length / 2]:0.0} ms |
            | time of disabling, p99 | {times[times.Length * 99 / 100]:0.0} ms |

            {Table.Aim("no exception", served + refused == 0)}

            """;
    }

    private static async Task<List<Trial>> TryAsync(PortalHere portal, Choice choice)
    {
        using var client = new HttpClient { BaseAddress = new Uri(portal.Address) };
        var tokens = portal.Services.GetRequiredService<TokenService>();
        var trials = new List<Trial>();
        for (var i = 0; i < choice.Trials; i++)
        {
            var key = SeededKeys.At(i % Choice.FewTokens);
            var time = Stopwatch.StartNew();
            Expect(await tokens.DisableAsync(Seed.Actor, key.Handle));
            var taken = time.Elapsed;
            var (status, body) = await AskAsync(client, key);
            Expect(await tokens.EnableAsync(Seed.Actor, key.Handle));
            var (again, _) = await AskAsync(client, key);
            trials.Add(new Trial(
                taken, status == HttpStatusCode.Unauthorized && body.Contains("AUTH_002", StringComparison.Ordinal), again == HttpStatusCode.OK));
        }

        return trials;
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

    /// <summary>The whole Portal in this process, on a port of its own, so that its services can be called.</summary>
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
