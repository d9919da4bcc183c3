using Microsoft.EntityFrameworkCore;

namespace Portal.Data;

/// <summary>Keeps the last known time in the database, so that Portal's time doesn't go back across a restart, and warns if the system clock can't be
/// right.</summary>
public sealed partial class ClockKeeper(
    MonotonicClock clock, IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, ILogger<ClockKeeper> logger) : BackgroundService
{
    /// <summary>The command-line option with which an operator confirms that the system clock is right.</summary>
    public const string AcceptOption = "--accept-clock";

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>The maximum time between the last known time, which is stored every minute, and a change after it.</summary>
    private static readonly TimeSpan LongestGap = TimeSpan.FromMinutes(10);

    /// <summary>Smaller corrections of a clock are normal and not reported.</summary>
    private static readonly TimeSpan ReportThreshold = TimeSpan.FromMinutes(1);

    private bool _jumpReported, _behindReported;

    /// <summary>Continues from the time at which the last run stopped. Call it before anything reads the time.</summary>
    /// <param name="accept">Whether the operator confirms that the system clock is right.</param>
    public async Task StartClockAsync(bool accept, CancellationToken cancellation = default)
    {
        await using (var context = await contexts.CreateDbContextAsync(cancellation))
            clock.Start(accept ? null : await FindStartTimeAsync(context, cancellation));
        ReportClock();
        await KeepAsync(cancellation);
    }

    /// <summary>Continues from the last known time without storing anything, for a process beside the one that keeps the time.</summary>
    internal async Task ContinueClockAsync(CancellationToken cancellation = default)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        clock.Start(await FindStartTimeAsync(context, cancellation));
    }

    /// <summary>Reads the last time that Portal knows, in UTC; null: there is none yet.</summary>
    internal async Task<DateTime?> ReadLastKnownAsync(CancellationToken cancellation = default)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return await LastKnownAsync(context, cancellation);
    }

    /// <summary>If Portal may really have been stopped for this long, the system clock is trusted. Otherwise every start would doubt it
    /// again.</summary>
    private async Task<DateTime?> FindStartTimeAsync(PortalDbContext context, CancellationToken cancellation) =>
        await LastKnownAsync(context, cancellation) is { } known && !clock.IsPlausibleAfter(known) ? known : null;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (!await TryKeepAsync(CancellationToken.None))
            LogNotKeptAtStop();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Uses the system's timer: Portal's clock is what it monitors.
        using var timer = new PeriodicTimer(Interval);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                ReportClock();
                await TryKeepAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping; StopAsync keeps the time once more.
        }
    }

    /// <summary>The stored time, or the time of a change soon after it: if the process was killed before the time was stored again, whatever that
    /// change ended stays ended.</summary>
    private static async Task<DateTime?> LastKnownAsync(PortalDbContext context, CancellationToken cancellation)
    {
        var kept = await context.Installations.Select(installation => installation.LastKnownAt).SingleOrDefaultAsync(cancellation);
        var changed = await context.AuditEntries.OrderByDescending(entry => entry.Id).Select(entry => (DateTime?)entry.At).FirstOrDefaultAsync(cancellation);
        return kept is null || (changed > kept && changed - kept < LongestGap) ? changed : kept;
    }

    /// <summary>Stores the last known time.</summary>
    internal async Task KeepAsync(CancellationToken cancellation)
    {
        var now = clock.GetTrustedUtcNow().UtcDateTime;
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        await writes.RunUpkeepAsync(token => InstallationStore.KeepTimeAsync(context, now, token), cancellation);
    }

    /// <returns>Whether the time was stored.</returns>
    private async Task<bool> TryKeepAsync(CancellationToken cancellation)
    {
        try
        {
            await KeepAsync(cancellation);
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Other writers report that the database can't be written. This write is retried in a minute.
            LogNotKept(exception);
            return false;
        }
    }

    private void ReportClock()
    {
        var jumped = clock.IsSuspect();
        if (jumped && !_jumpReported)
            LogJump(clock.GetUtcNow().UtcDateTime, clock.GetTrustedUtcNow().UtcDateTime, AcceptOption, (int)MonotonicClock.Probation.TotalHours);
        if (!jumped && _jumpReported)
            LogTrusted();
        _jumpReported = jumped;

        var behind = !jumped && clock.Behind > ReportThreshold;
        if (behind && !_behindReported)
            LogBehind(clock.Behind, AcceptOption);
        _behindReported = behind;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "The system clock says {Now:u}, but the last time known to Portal is {LastKnown:u}. Until this is resolved, nothing is removed because of its age. "
        + "If the clock is wrong, correct it. If it is right, restart Portal with {Option}, or wait: it is trusted after {Hours} hours")]
    private partial void LogJump(DateTime now, DateTime lastKnown, string option, int hours);

    [LoggerMessage(Level = LogLevel.Information, Message = "The system clock is trusted again")]
    private partial void LogTrusted();

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "The system clock is {Behind} behind the last time known to Portal. Portal's time continues from there at half speed, so that expired keys stay expired. "
        + "Correct the clock, or restart Portal with {Option} if it is right")]
    private partial void LogBehind(TimeSpan behind, string option);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The last known time could not be stored")]
    private partial void LogNotKept(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "The last known time could not be stored before the stop. If the system clock is set back before the next start, up to the last minute can repeat")]
    private partial void LogNotKeptAtStop();
}
