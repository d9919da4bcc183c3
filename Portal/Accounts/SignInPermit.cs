namespace Portal.Accounts;

/// <summary>Whether an attempt is allowed.</summary>
internal sealed class SignInPermit(Func<Task> giveBack, Func<bool> isLimitReached)
{
    private int _isGivenBack;

    /// <summary>The time until the next attempt is allowed; null: the attempt is allowed.</summary>
    public TimeSpan? RetryAfter { get; private init; }

    /// <summary>Whether further attempts will be refused.</summary>
    public bool IsLimitReached => isLimitReached();

    /// <summary>Stops counting the attempt as a failure. A second call does nothing.</summary>
    public Task GiveBackAsync() => Interlocked.Exchange(ref _isGivenBack, 1) == 0 ? giveBack() : Task.CompletedTask;

    public static SignInPermit Refused(TimeSpan retryAfter) => new(() => Task.CompletedTask, () => true) { RetryAfter = retryAfter };
}
