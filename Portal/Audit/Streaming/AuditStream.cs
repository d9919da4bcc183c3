using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Data;

namespace Portal.Audit.Streaming;

/// <summary>Sends the entries of the audit log to a receiver, in order and at least once.</summary>
/// <remarks>The database contains the ID of the last entry that the receiver has confirmed. It changes only after the confirmation, so a process that is
/// killed in between sends some entries again, and none is left out. One node at a time sends; if it is killed, another one continues after
/// <see cref="Lease"/>.</remarks>
internal sealed partial class AuditStream(
    IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, IAuditReceiver receiver, AuditStreamMetrics metrics, IOptions<AuditOptions> options, TimeProvider clock, ILogger<AuditStream> logger)
    : BackgroundService
{
    /// <summary>The name of the cursor.</summary>
    internal const string Name = "otlp";

    /// <summary>The largest number of entries, and of characters, in one message. A receiver of gRPC accepts 4 MiB.</summary>
    internal const int EntriesAtOnce = 250, CharactersAtOnce = 1_000_000;

    /// <summary>Longer than it takes to send a message.</summary>
    internal static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    /// <summary>How long a missing ID is waited for. PostgreSQL assigns IDs before the commit, so an entry could appear after a later one. A transaction
    /// that failed leaves its ID unused.</summary>
    internal static readonly TimeSpan GapTime = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1), LongestPause = TimeSpan.FromMinutes(1);

    private readonly Guid _self = Guid.CreateVersion7();
    private int _entriesAtOnce = EntriesAtOnce, _failures;
    private DateTime _notBefore;
    private bool _isUnread;

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <summary>Sends what waits, until the receiver fails.</summary>
    /// <returns>The number of entries that were confirmed.</returns>
    internal async Task<int> SendAsync(CancellationToken cancellation = default)
    {
        var sent = 0;
        while (await SendSomeAsync(cancellation) is > 0 and var some)
            sent += some;
        return sent;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            do
                await TryAsync(stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        finally
        {
            await ReleaseAsync();
        }
    }

    private async Task TryAsync(CancellationToken stoppingToken)
    {
        try
        {
            await SendAsync(stoppingToken);
            _isUnread = false;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Logged once, not every second.
            if (!_isUnread)
                LogNotRead(exception);
            _isUnread = true;
        }
    }

    private async Task<int> SendSomeAsync(CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var cursor = await ReadAsync(context, cancellation);
        var entries = await context.AuditEntries.AsNoTracking().Where(entry => entry.Id > cursor.LastEntryId).OrderBy(entry => entry.Id).Take(_entriesAtOnce).ToListAsync(cancellation);
        var newest = entries.Count == 0 ? cursor.LastEntryId : await context.AuditEntries.MaxAsync(entry => entry.Id, cancellation);
        metrics.Waiting(newest - cursor.LastEntryId, entries.Count == 0 ? TimeSpan.Zero : Now - entries[0].At);
        entries = [.. entries.TakeWhile((entry, i) => entry.Id == (i == 0 ? cursor.LastEntryId : entries[i - 1].Id) + 1 || entry.At <= Now - GapTime)];
        if (entries.Count == 0 || Now < _notBefore || !await TryHoldAsync(cursor, cancellation))
            return 0;
        var messages = Write(entries, cursor.LastHash);
        if (!await receiver.SendAsync(messages, cancellation))
        {
            await FailAsync(messages, newest - cursor.LastEntryId);
            return 0;
        }

        Succeed(messages.Count);
        return await MoveAsync(cursor, entries[messages.Count - 1], cancellation) ? messages.Count : 0;
    }

    /// <summary>Writes as many entries as fit in a message.</summary>
    private static List<StreamedEntry> Write(List<AuditEntry> entries, byte[]? previousHash)
    {
        var (messages, characters) = (new List<StreamedEntry>(), 0);
        foreach (var entry in entries)
        {
            var message = OcsfEvent.Write(entry, previousHash);
            characters += message.Body.Length;
            if (messages.Count > 0 && characters > CharactersAtOnce)
                break;
            messages.Add(message);
            previousHash = entry.Hash;
        }

        return messages;
    }

    /// <summary>Reads the cursor. The first node that starts with the stream creates it.</summary>
    private async Task<AuditStreamCursor> ReadAsync(PortalDbContext context, CancellationToken cancellation)
    {
        var all = context.AuditStreamCursors.AsNoTracking().Where(cursor => cursor.Name == Name);
        if (await all.SingleOrDefaultAsync(cancellation) is { } found)
            return found;
        try
        {
            await writes.RunAsync(
                async token =>
                {
                    var last = options.Value.Stream.From == AuditStreamStart.Now
                        ? await context.AuditEntries.OrderByDescending(entry => entry.Id).Select(entry => new { entry.Id, entry.Hash }).FirstOrDefaultAsync(token)
                        : await context.AuditTrims.OrderByDescending(trim => trim.Id).Select(trim => new { Id = trim.LastEntryId, Hash = trim.LastHash }).FirstOrDefaultAsync(token);
                    context.AuditStreamCursors.Add(new AuditStreamCursor { Name = Name, LastEntryId = last?.Id ?? 0, LastHash = last?.Hash });
                    await context.SaveChangesAsync(token);
                },
                cancellation);
        }
        catch (DbUpdateException exception) when (DatabaseErrors.IsDuplicate(exception))
        {
            // Another node was first.
        }

        return await all.SingleAsync(cancellation);
    }

    /// <summary>Takes or extends the right to send, unless another node has sent something since the cursor was read.</summary>
    private async Task<bool> TryHoldAsync(AuditStreamCursor read, CancellationToken cancellation)
    {
        DateTime now = Now, until = now + Lease;
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        // A lease that ends later than one that begins now is from before the clock was corrected.
        return await writes.RunUpkeepAsync(
            token => context.AuditStreamCursors
                .Where(cursor => cursor.Name == Name && cursor.LastEntryId == read.LastEntryId
                    && (cursor.Holder == _self || cursor.HeldUntil == null || cursor.HeldUntil <= now || cursor.HeldUntil > until))
                .ExecuteUpdateAsync(set => set.SetProperty(cursor => cursor.Holder, _self).SetProperty(cursor => cursor.HeldUntil, until), token),
            cancellation) == 1;
    }

    /// <summary>Stores that the receiver has confirmed the entries up to <paramref name="last"/>.</summary>
    /// <returns>Whether this node was still the one that sends.</returns>
    private async Task<bool> MoveAsync(AuditStreamCursor from, AuditEntry last, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return await writes.RunUpkeepAsync(
            token => context.AuditStreamCursors.Where(cursor => cursor.Name == Name && cursor.Holder == _self && cursor.LastEntryId == from.LastEntryId)
                .ExecuteUpdateAsync(set => set.SetProperty(cursor => cursor.LastEntryId, last.Id).SetProperty(cursor => cursor.LastHash, last.Hash), token),
            cancellation) == 1;
    }

    /// <summary>Lets another node send.</summary>
    private async Task ReleaseAsync()
    {
        await using var context = await contexts.CreateDbContextAsync(CancellationToken.None);
        await writes.RunUpkeepAsync(token => context.AuditStreamCursors.Where(cursor => cursor.Name == Name && cursor.Holder == _self)
            .ExecuteUpdateAsync(set => set.SetProperty(cursor => cursor.Holder, (Guid?)null).SetProperty(cursor => cursor.HeldUntil, (DateTime?)null), token));
    }

    private void Succeed(int entries)
    {
        if (_failures > 0)
            LogRecovered();
        (_failures, _notBefore, _entriesAtOnce) = (0, default, Math.Min(EntriesAtOnce, _entriesAtOnce * 2));
        metrics.Sent(entries);
    }

    /// <summary>Waits before the next attempt, and sends less then: the message may be too large, or the receiver too slow. Another node may reach it.</summary>
    private async Task FailAsync(List<StreamedEntry> messages, long waiting)
    {
        if (_failures++ == 0)
            LogFailed(messages[0].Id, messages[^1].Id, waiting);
        metrics.Failed();
        _notBefore = Now + TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, Math.Pow(2, _failures - 1)));
        _entriesAtOnce = Math.Max(1, _entriesAtOnce / 2);
        await ReleaseAsync();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The collector hasn't confirmed the audit entries {First} to {Last}. {Waiting} entries wait, and Portal tries again. Check Telemetry:Otlp and the collector")]
    private partial void LogFailed(long first, long last, long waiting);

    [LoggerMessage(Level = LogLevel.Information, Message = "The collector confirms audit entries again")]
    private partial void LogRecovered();

    [LoggerMessage(Level = LogLevel.Warning, Message = "The audit log could not be read for the collector. Portal tries again every second")]
    private partial void LogNotRead(Exception exception);
}
