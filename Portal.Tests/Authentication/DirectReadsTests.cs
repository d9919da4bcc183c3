using Microsoft.Extensions.Time.Testing;
using Portal.Authentication;
using Portal.Data;

namespace Portal.Tests.Authentication;

public sealed class DirectReadsTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly DirectReads _reads;

    public DirectReadsTests() => _reads = new DirectReads(_clock);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_ServerDoesNotAnswer_EndsInTimeEvenIfTheCancellationTakesLonger()
    {
        var reading = _reads.RunAsync(NeverAsync, Cancellation).AsTask();
        _clock.Advance(DirectReads.LongestRead - TimeSpan.FromMilliseconds(1));
        Assert.False(reading.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        await Assert.ThrowsAsync<DatabaseSilentException>(() => reading);
    }

    [Fact]
    public async Task Run_AfterAReadWithoutAnAnswer_RefusesAtOnceWhileOneTries()
    {
        await FallSilentAsync();

        var answer = new TaskCompletionSource<int>();
        var trying = _reads.RunAsync(_ => new ValueTask<int>(answer.Task), Cancellation).AsTask();
        await Assert.ThrowsAsync<DatabaseSilentException>(() => _reads.RunAsync(OneAsync, Cancellation).AsTask());
        answer.SetResult(7);

        Assert.Equal(7, await trying);
        var waiting = _reads.RunAsync(NeverAsync, Cancellation).AsTask();
        Assert.Equal(1, await _reads.RunAsync(OneAsync, Cancellation));
        Assert.False(waiting.IsCompleted);
    }

    [Fact]
    public async Task Run_TryFails_TheNextRequestTriesAgain()
    {
        await FallSilentAsync();
        await FallSilentAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => _reads.RunAsync<int>(_ => throw new InvalidOperationException(), Cancellation).AsTask());
        Assert.Equal(1, await _reads.RunAsync(OneAsync, Cancellation));
    }

    [Fact]
    public async Task Run_ClientLeaves_SaysNothingAboutTheServer()
    {
        using var client = new CancellationTokenSource();
        var reading = _reads.RunAsync(NeverAsync, client.Token).AsTask();
        await client.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);

        var waiting = _reads.RunAsync(NeverAsync, Cancellation).AsTask();
        Assert.Equal(1, await _reads.RunAsync(OneAsync, Cancellation));
        Assert.False(waiting.IsCompleted);
    }

    private async Task FallSilentAsync()
    {
        var reading = _reads.RunAsync(NeverAsync, Cancellation).AsTask();
        _clock.Advance(DirectReads.LongestRead);
        await Assert.ThrowsAsync<DatabaseSilentException>(() => reading);
    }

    private static ValueTask<int> OneAsync(CancellationToken cancellation) => new(1);

    private static ValueTask<int> NeverAsync(CancellationToken cancellation) => new(new TaskCompletionSource<int>().Task);
}
