using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Data;

namespace Portal.Audit;

/// <summary>Writes attempts that were refused for lack of a role to the audit log.</summary>
/// <remarks>A flood of attempts can't fill the disk: an actor gets an entry for the first attempt at an operation, and then at most one a minute with the
/// number of further ones. Beyond <see cref="MostOperations"/> in a minute, attempts are only counted, in one entry for the account. Entries are
/// written in the background, because an attempt may be refused within another write.</remarks>
internal sealed partial class DeniedAttempts(IDbContextFactory<PortalDbContext> contexts, AuditLog audit, TimeProvider clock, ILogger<DeniedAttempts> logger)
    : BackgroundService, IDenialLog
{
    internal const int MostOperations = 500;
    private const string Others = "other";

    /// <summary>How often entries are written.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BetweenEntries = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Account, string Actor, string Operation), Attempts> _attempts = [];

    public void Note(Actor actor, Role needed, string operation)
    {
        lock (_lock)
        {
            var key = (actor.AccountId, actor.Id, operation);
            if (!_attempts.ContainsKey(key) && _attempts.Count >= MostOperations)
                (key, actor, operation) = ((actor.AccountId, "", Others), Actor.OfPortal(actor.AccountId), Others);
            if (!_attempts.TryGetValue(key, out var attempts))
                _attempts[key] = attempts = new Attempts();
            (attempts.Actor, attempts.Needed, attempts.Operation) = (actor, needed, operation);
            attempts.Count++;
        }
    }

    /// <summary>Writes the attempts that are due.</summary>
    /// <param name="all">Whether to write the others, too.</param>
    internal async Task WriteAsync(bool all = false, CancellationToken cancellation = default)
    {
        var due = TakeDue(all);
        if (due.Count == 0)
            return;
        try
        {
            await using var context = await contexts.CreateDbContextAsync(cancellation);
            var ids = due.Select(attempt => attempt.Actor.AccountId).Distinct().ToArray();
            var names = await context.Accounts.Where(account => EF.Parameter(ids).Contains(account.Id)).ToDictionaryAsync(account => account.Id, account => account.Name, cancellation);
            foreach (var (actor, needed, operation, count) in due.Where(attempt => names.ContainsKey(attempt.Actor.AccountId)))
                audit.AddEvent(context, actor with { BulkId = null }, AuditAction.AccessDenied, actor.AccountId, names[actor.AccountId], new Dictionary<string, object?>
                {
                    ["operation"] = operation, ["needed"] = needed.ToString(), ["attempts"] = count,
                });
            await context.SaveChangesAsync(cancellation);
        }
        catch
        {
            foreach (var attempt in due)
                Keep(attempt);
            throw;
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryWriteAsync(all: true, cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await TryWriteAsync(all: false, stoppingToken);
    }

    private async Task TryWriteAsync(bool all, CancellationToken cancellation)
    {
        try
        {
            await WriteAsync(all, cancellation);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogNotWritten(exception);
        }
    }

    private List<Attempt> TakeDue(bool all)
    {
        lock (_lock)
        {
            List<Attempt> due = [];
            foreach (var (key, attempts) in _attempts)
            {
                var isOver = attempts.WrittenAt is null || clock.GetElapsedTime(attempts.WrittenAt.Value) >= BetweenEntries;
                if (attempts.Count > 0 && (isOver || all))
                {
                    due.Add(new Attempt(attempts.Actor, attempts.Needed, attempts.Operation, attempts.Count));
                    (attempts.Count, attempts.WrittenAt) = (0, clock.GetTimestamp());
                }
                else if (isOver)
                {
                    _attempts.Remove(key);
                }
            }

            return due;
        }
    }

    /// <summary>Counts attempts that could not be written again.</summary>
    private void Keep(Attempt attempt)
    {
        lock (_lock)
            foreach (var attempts in _attempts.Values.Where(attempts => attempts.Actor == attempt.Actor && attempts.Operation == attempt.Operation))
                (attempts.Count, attempts.WrittenAt) = (attempts.Count + attempt.Count, null);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Refused attempts could not be written to the audit log. They stay in memory until the next try or until Portal stops")]
    private partial void LogNotWritten(Exception exception);

    private sealed record Attempt(Actor Actor, Role Needed, string Operation, int Count);

    private sealed class Attempts
    {
        public Actor Actor { get; set; } = null!;
        public Role Needed { get; set; }
        public string Operation { get; set; } = "";
        public int Count { get; set; }

        /// <summary>The timestamp of the last entry; null: there is none, or the next one is due.</summary>
        public long? WrittenAt { get; set; }
    }
}
