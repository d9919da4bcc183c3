using System.Net;
using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Addresses;
using Portal.Audit;
using Portal.Data;

namespace Portal.Accounts;

/// <summary>Writes failed sign-ins to the audit log: at most one entry per account every five minutes, regardless of their number.</summary>
/// <remarks>Entries never contain the input. Sign-ins to accounts that don't exist are not written. Entries are written outside the
/// request, so that the response time doesn't reveal which accounts exist.</remarks>
public sealed partial class FailedSignIns(IDbContextFactory<PortalDbContext> contexts, AuditLog audit, TimeProvider clock, ILogger<FailedSignIns> logger)
    : BackgroundService
{
    private const int MostUsers = 1000, MostAddresses = 5;
    private static readonly TimeSpan BetweenEntries = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private Dictionary<string, Failures> _failures = [];

    internal void Note(PortalUser user, IPAddress? address, bool limitReached)
    {
        lock (_lock)
        {
            if (!_failures.TryGetValue(user.Id, out var failures))
            {
                if (_failures.Count >= MostUsers)
                    return;
                _failures[user.Id] = failures = new Failures(user.AccountId, user.DisplayName);
            }

            failures.Count++;
            failures.LimitReached |= limitReached;
            if (AddressNumber.Write(address) is { } text && failures.Addresses.Count < MostAddresses)
                failures.Addresses.Add(text);
        }
    }

    /// <summary>Writes the failures that were recorded so far.</summary>
    internal async Task FlushAsync(CancellationToken cancellation = default)
    {
        Dictionary<string, Failures> failures;
        lock (_lock)
        {
            if (_failures.Count == 0)
                return;
            (failures, _failures) = (_failures, []);
        }

        try
        {
            await WriteAsync(failures, cancellation);
        }
        catch
        {
            Keep(failures);
            throw;
        }
    }

    private async Task WriteAsync(Dictionary<string, Failures> failures, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        foreach (var (id, user) in failures)
        {
            var portal = Actor.OfPortal(user.AccountId) with { Address = user.Addresses.Count == 1 ? user.Addresses.Single() : null };
            var details = new Dictionary<string, object?> { ["attempts"] = user.Count, ["addresses"] = user.Addresses.Order(StringComparer.Ordinal).ToArray() };
            audit.Add(context, portal, user.LimitReached ? AuditAction.UserLockedOut : AuditAction.UserSignInFailed, id, user.Name, details);
        }

        await context.SaveChangesAsync(cancellation);
    }

    /// <summary>Keeps failures that could not be written for the next attempt.</summary>
    private void Keep(Dictionary<string, Failures> unwritten)
    {
        lock (_lock)
            foreach (var (id, failures) in unwritten)
                if (!_failures.TryAdd(id, failures))
                    _failures[id].Add(failures);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryFlushAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(BetweenEntries, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await TryFlushAsync(stoppingToken);
    }

    private async Task TryFlushAsync(CancellationToken cancellation)
    {
        try
        {
            await FlushAsync(cancellation);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogNotWritten(exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Failed sign-ins could not be written to the audit log. They stay in memory until the next attempt or until Portal stops")]
    private partial void LogNotWritten(Exception exception);

    private sealed record Failures(string AccountId, string Name)
    {
        public int Count { get; set; }
        public bool LimitReached { get; set; }
        public HashSet<string> Addresses { get; } = new(StringComparer.Ordinal);

        public void Add(Failures earlier)
        {
            Count += earlier.Count;
            LimitReached |= earlier.LimitReached;
            foreach (var address in earlier.Addresses.Take(MostAddresses - Addresses.Count))
                Addresses.Add(address);
        }
    }
}
