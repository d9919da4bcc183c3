namespace Portal.Notices;

/// <summary>Whether the mail server takes the mails of notices.</summary>
public sealed class NoticeMailStatus
{
    /// <summary>A server that works again gets the mails soon.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(15);

    private readonly Lock _lock = new();
    private int _failures;
    private DateTime _nextTry;

    /// <summary>Why the last attempt failed; null: it didn't.</summary>
    public string? Reason { get; private set; }

    /// <summary>Since when the server takes no mail, UTC; null: it does.</summary>
    public DateTime? Since { get; private set; }

    internal bool MayTry(DateTime now)
    {
        lock (_lock)
            return Reason is null || now >= _nextTry || now < Since;
    }

    /// <returns>Whether this is the first failure.</returns>
    internal bool Failed(string reason, DateTime now)
    {
        lock (_lock)
        {
            var first = Reason is null;
            (Reason, Since, _failures) = (reason, Since ?? now, _failures + 1);
            var pause = NoticeQueue.PauseAfter(_failures);
            _nextTry = now + (pause < LongestPause ? pause : LongestPause);
            return first;
        }
    }

    /// <returns>Whether it failed before.</returns>
    internal bool Succeeded()
    {
        lock (_lock)
        {
            var failed = Reason is not null;
            (Reason, Since, _failures) = (null, null, 0);
            return failed;
        }
    }
}
