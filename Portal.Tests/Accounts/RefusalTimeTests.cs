using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Portal.Accounts;
using Portal.Tests.Support;

namespace Portal.Tests.Accounts;

[Slow]
public sealed class RefusalTimeTests
{
    private static readonly NewUser Ada = new("Ada", "ada@example.com", "a long sentence to remember");

    private readonly Clock _clock = new();
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, 100)]
    [InlineData(1, 99)]
    [InlineData(97, 3)]
    [InlineData(100, 0)]
    [InlineData(101, 99)]
    [InlineData(250, 50)]
    public async Task Wait_AnyWork_EndsAtTheNextMultiple(int worked, int rest)
    {
        var time = TimeWith(TimeSpan.FromMilliseconds(100));
        var began = time.Begin();
        _clock.Advance(TimeSpan.FromMilliseconds(worked));
        var waiting = time.WaitAsync(began, _cancellation);
        Assert.Equal(rest == 0, waiting.IsCompleted);
        // The last two milliseconds are waited for without a timer.
        _clock.Advance(TimeSpan.FromMilliseconds(Math.Max(0, rest - 3)));
        Assert.Equal(rest == 0, waiting.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(3));
        await waiting;
    }

    [Fact]
    public async Task SignIn_OnlyRefusalsWait()
    {
        await using var run = await AccountRun.StartAsync(configure: services => services.AddSingleton(TimeWith(TimeSpan.FromHours(1))));
        await run.UseAsync(accounts => accounts.SetUpAsync(run.Code, Ada));
        foreach (var (email, password) in new[] { (Ada.Email, "wrong"), ("nobody@example.com", "wrong") })
        {
            var waits = _clock.NextTimer();
            var signingIn = run.SignInAsync(email, password);
            await waits;
            Assert.False(signingIn.IsCompleted);
            _clock.Advance(TimeSpan.FromHours(1));
            Assert.Equal(SignInOutcome.Refused, (await signingIn).Outcome);
        }

        Assert.Equal(SignInOutcome.SignedIn, (await run.SignInAsync(Ada.Email, Ada.Password)).Outcome);
    }

    private RefusalTime TimeWith(TimeSpan step) => new(_clock) { Step = step };

    /// <summary>Tells when something begins to wait.</summary>
    private sealed class Clock : FakeTimeProvider
    {
        private TaskCompletionSource _timer = new();

        public Task NextTimer()
        {
            _timer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _timer.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            _timer.TrySetResult();
            return timer;
        }
    }
}
