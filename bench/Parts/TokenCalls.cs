using System.Diagnostics;
using System.Text.Json;
using Portal.Bench.Seeds;

namespace Portal.Bench.Parts;

/// <summary>Takes a token of a Portal through its lifecycle over the API, and measures each call.</summary>
internal sealed class TokenCalls(string address) : IDisposable
{
    private const int Bulk = 50;

    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromMinutes(5), BaseAddress = new Uri($"{address}/public/v1/") };

    public void Dispose() => _client.Dispose();

    /// <returns>The handle of a new token.</returns>
    public async Task<string> CreateAsync() => (await AskAsync(HttpMethod.Post, "auth/tokens", NewToken())).Answer.GetProperty("id").GetString()!;

    /// <returns>Milliseconds by call.</returns>
    public async Task<IReadOnlyDictionary<string, double>> LiveAsync()
    {
        var times = new Dictionary<string, double>();
        async Task<JsonElement> CallAsync(string name, HttpMethod method, string path, object? body = null)
        {
            var (time, answer) = await AskAsync(method, path, body);
            times[name] = time;
            return answer;
        }

        var token = $"auth/tokens/{(await CallAsync("create", HttpMethod.Post, "auth/tokens", NewToken())).GetProperty("id").GetString()}";
        await CallAsync("read", HttpMethod.Get, token);
        await CallAsync("edit", HttpMethod.Patch, token, new { description = $"Edited {Guid.CreateVersion7()}" });
        await CallAsync("grant a module", HttpMethod.Post, $"{token}/permissions", new { id = "MD-0003" });
        await CallAsync("rotate", HttpMethod.Post, $"{token}/rotate", new { expiration_date = DateTime.UnixEpoch.AddYears(80) });
        await CallAsync("renew", HttpMethod.Post, $"{token}/renew", new { expiration_date = DateTime.UnixEpoch.AddYears(90) });
        await CallAsync("end the previous key", HttpMethod.Post, $"{token}/end-previous");
        await CallAsync("disable", HttpMethod.Post, $"{token}/deactivate");
        await CallAsync("enable", HttpMethod.Post, $"{token}/activate");
        await CallAsync("read statistics", HttpMethod.Get, token.Replace("auth/tokens", "statistics/tokens", StringComparison.Ordinal) + "/summary");
        await CallAsync("delete", HttpMethod.Delete, token);
        return times;
    }

    /// <returns>The time in milliseconds to disable fifty tokens with one call.</returns>
    public async Task<double> DisableManyAsync()
    {
        var ids = new List<string>();
        for (var i = 0; i < Bulk; i++)
            ids.Add(await CreateAsync());
        return (await AskAsync(HttpMethod.Post, "auth/tokens/bulk", new { action = "deactivate", ids })).Time;
    }

    private static object NewToken() => new
    {
        name = $"Bench {Guid.CreateVersion7()}", extension = new { id = "EXT-000" }, permissions = new[] { new { id = "MD-0002" } },
    };

    private async Task<(double Time, JsonElement Answer)> AskAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.TryAddWithoutValidation("Authorization", SeededKeys.At(0).ToHeaderValue());
        var start = Stopwatch.GetTimestamp();
        using var response = await _client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        var time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        if (!response.IsSuccessStatusCode)
            throw new BenchException($"{method} {path}: {text}");
        return (time, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }
}
