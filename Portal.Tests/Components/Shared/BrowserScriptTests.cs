using Microsoft.Extensions.Time.Testing;
using Microsoft.JSInterop;
using Portal.Components.Shared;

namespace Portal.Tests.Components.Shared;

/// <summary>Calls that a broken connection has lost: nobody waits for them longer than a few seconds.</summary>
public sealed class BrowserScriptTests
{
    private readonly FakeTimeProvider _clock = new();

    private BrowserScript Script => new(new LostRuntime(), _clock);

    [Fact]
    public async Task WriteTab_AnswerLost_GoesOnWithoutIt()
    {
        var call = Script.WriteTabAsync("key", "draft").AsTask();
        Assert.False(call.IsCompleted);

        _clock.Advance(BrowserScript.LongestWait);

        await call;
    }

    [Fact]
    public async Task ReadTab_AnswerLost_IsNone()
    {
        var call = Script.ReadTabAsync("key").AsTask();

        _clock.Advance(BrowserScript.LongestWait);

        Assert.Null(await call);
    }

    [Fact]
    public async Task Copy_AnswerLost_IsReported()
    {
        var call = Script.CopyAsync("text").AsTask();

        _clock.Advance(BrowserScript.LongestWait);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    /// <summary>Never answers, as after the connection broke.</summary>
    private sealed class LostRuntime : IJSRuntime
    {
        public ValueTask<TValue> InvokeAsync<TValue>(string identifier, object?[]? args) => InvokeAsync<TValue>(identifier, CancellationToken.None, args);

        public ValueTask<TValue> InvokeAsync<TValue>(string identifier, CancellationToken cancellationToken, object?[]? args) =>
            new(new TaskCompletionSource<TValue>().Task.WaitAsync(cancellationToken));
    }
}
