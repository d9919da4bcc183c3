using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;

namespace Portal.Tests.Support;

/// <summary>Clients that continuously make API requests with one key until they are stopped.</summary>
/// <param name="count">The number of clients.</param>
internal sealed class Callers(string address, string key, int count, string path = "/public/v1/agreements") : IAsyncDisposable
{
    private readonly HttpClient _client = new() { BaseAddress = new Uri(address), Timeout = TimeSpan.FromSeconds(30) };
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentQueue<(long At, HttpStatusCode Status)> _answers = new();
    private readonly ConcurrentDictionary<TaskCompletionSource, (HttpStatusCode Status, Countdown Left)> _waiting = new();
    private Task _running = Task.CompletedTask;
    private int _sent;

    public int Sent => Volatile.Read(ref _sent);

    /// <summary>The number of responses so far, by status.</summary>
    public IReadOnlyDictionary<HttpStatusCode, int> Answers => _answers.GroupBy(answer => answer.Status).ToDictionary(status => status.Key, status => status.Count());

    public int AnswersBefore(long timestamp) => _answers.Count(answer => answer.At <= timestamp);

    /// <summary>Starts the clients. A client whose connection breaks retries.</summary>
    public void Start() => _running = Task.WhenAll(Enumerable.Range(0, count).Select(_ => Task.Run(CallAsync)));

    /// <summary>Waits for this many further responses.</summary>
    public Task ReceivedAsync(int answers, HttpStatusCode status = HttpStatusCode.OK)
    {
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[waiting] = (status, new Countdown(answers));
        return waiting.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    public async Task StopAsync()
    {
        await _end.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _client.Dispose();
        _end.Dispose();
    }

    private async Task CallAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation("Authorization", key);
            Interlocked.Increment(ref _sent);
            try
            {
                using var response = await _client.SendAsync(request);
                Note(response.StatusCode);
            }
            catch (Exception exception) when (exception is HttpRequestException or System.Net.Sockets.SocketException)
            {
                await Task.Yield();
            }
        }
    }

    private void Note(HttpStatusCode status)
    {
        _answers.Enqueue((Stopwatch.GetTimestamp(), status));
        foreach (var (waiting, (wanted, left)) in _waiting)
            if (wanted == status && left.Take() && _waiting.TryRemove(waiting, out _))
                waiting.TrySetResult();
    }

    private sealed class Countdown(int left)
    {
        private int _left = left;

        /// <summary>Whether that was the last one.</summary>
        public bool Take() => Interlocked.Decrement(ref _left) == 0;
    }
}
