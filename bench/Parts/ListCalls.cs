using System.Diagnostics;
using System.Globalization;
using Portal.Bench.Seeds;

namespace Portal.Bench.Parts;

/// <summary>Asks one Portal for lists, over a connection that stays.</summary>
internal sealed class ListCalls(string address) : IDisposable
{
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromMinutes(5) };

    public void Dispose() => _client.Dispose();

    /// <param name="known">How many the list has, to find its middle and end; null: unknown yet, its beginning is asked for.</param>
    /// <returns>How long the answer took with its body, and how many the list has.</returns>
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
