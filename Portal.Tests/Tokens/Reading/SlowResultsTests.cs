using Microsoft.Extensions.Time.Testing;
using Portal.Tokens.Reading;

namespace Portal.Tests.Tokens.Reading;

/// <summary>Which results are kept, and when they are read again.</summary>
public sealed class SlowResultsTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly TaskCompletionSource<Exception> _failure = new();
    private Exception? _error;
    private TimeSpan _duration;
    private TaskCompletionSource<int> _next = new();
    private int _reads;

    [Fact]
    public async Task Get_QuickResult_IsReadEachTime()
    {
        var results = Create();
        _duration = TimeSpan.FromMilliseconds(10);
        Assert.Equal((1, 2), (await GetAsync(results), await GetAsync(results)));
    }

    [Fact]
    public async Task Get_SlowResult_IsKeptTwentyTimesAsLongAndThenReadInTheBackground()
    {
        var results = Create();
        _duration = TimeSpan.FromSeconds(1);
        Assert.Equal(1, await GetAsync(results));
        _clock.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal((1, 1), (await GetAsync(results), _reads));

        _clock.Advance(TimeSpan.FromSeconds(1));
        var read = _next.Task;
        Assert.Equal(1, await GetAsync(results));
        Assert.Equal(2, await read.WaitAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Get_ErrorInTheBackground_IsReportedAndReadAgain()
    {
        var results = Create();
        _duration = TimeSpan.FromSeconds(1);
        Assert.Equal(1, await GetAsync(results));
        _clock.Advance(TimeSpan.FromSeconds(21));
        _error = new InvalidOperationException("No database");

        Assert.Equal(1, await GetAsync(results));
        Assert.Same(_error, await _failure.Task.WaitAsync(TestContext.Current.CancellationToken));
        _error = null;
        Assert.Equal(3, await GetAsync(results));
    }

    [Fact]
    public async Task Get_ResultOlderThanAMinute_IsReadFirst()
    {
        var results = Create();
        _duration = TimeSpan.FromSeconds(10);
        Assert.Equal(1, await GetAsync(results));
        _clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(2, await GetAsync(results));
    }

    [Fact]
    public async Task Get_OtherAccount_HasItsOwnResult()
    {
        var results = Create();
        _duration = TimeSpan.FromSeconds(1);
        Assert.Equal((1, 2), (await GetAsync(results), await results.GetAsync("PA-000-002", TestContext.Current.CancellationToken)));
        Assert.Equal(1, await GetAsync(results));
    }

    private SlowResults<int> Create() => new(_clock, ReadAsync, _failure.SetResult);

    private static Task<int> GetAsync(SlowResults<int> results) => results.GetAsync("PA-000-001", TestContext.Current.CancellationToken);

    private Task<int> ReadAsync(string account, CancellationToken cancellation)
    {
        _clock.Advance(_duration);
        var read = ++_reads;
        var next = _next;
        _next = new TaskCompletionSource<int>();
        next.SetResult(read);
        if (_error is not null)
            throw _error;
        return Task.FromResult(read);
    }
}
