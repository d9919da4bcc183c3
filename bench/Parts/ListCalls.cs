using System.Diagnostics;
using System.Globalization;
using Portal.Bench.Seeds;

namespace Portal.Bench.Parts;

/// <summary>Requests lists from a Portal over one connection.</summary>
internal sealed class ListCalls(string address) : IDisposable
{
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromMinutes(5) };

    public void Dispose() => _client.Dispose();

    /// <param name="known">The number of tokens in the list, to find its middle and end; null if unknown, to request its beginning.</param>
    /// <returns>The response time including the body, and the number of tokens in the list.</returns>
    public async Task<(double Milliseconds, int Total)> AskAsync(ListQuestion question, int? known = null)
    {
        var offset = (int)(Math.Max(0, (known ?? 0) - question.Limit) * question.Place);
        var window = string.Create(CultureInfo.InvariantCulture, $"limit={question.Limit}&offset={offset}");
        using var request = new HttpRequestMessage(
            HttpMethod.Get, $"{address}/public/v1/auth/tokens?{(question.Query.Length > 0 ? question.Query.Replace(" ", "%20", StringComparison.Ordinal) + "&" : "")}{window}");
        request.Headers.TryAddWithoutValidation("Authorization", SeededKeys.At(0).ToHeaderValue());
        var start = Stopwatch.GetTimestamp();
        using var response = await _client.SendAsync(request);
        var time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        if (!response.IsSuccessStatusCode)
            throw new BenchException($"{question.Words}: {await response.Content.ReadAsStringAsync()}");
        var range = response.Content.Headers.NonValidated["Content-Range"].ToString();
        return (time, int.Parse(range.AsSpan(range.IndexOf('/', StringComparison.Ordinal) + 1), NumberStyles.None, CultureInfo.InvariantCulture));
    }
}
