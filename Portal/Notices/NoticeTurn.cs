using Microsoft.EntityFrameworkCore;
using Portal.Data;

namespace Portal.Notices;

/// <summary>How far the notices of an account are written.</summary>
/// <param name="Id">The row.</param>
/// <param name="SweptUntil">The time up to which all notices of expirations are written, UTC.</param>
/// <param name="HeldUntil">Until when a process has the turn; null: none has.</param>
internal sealed record NoticeTurnState(long Id, DateTime SweptUntil, DateTime? HeldUntil);

/// <summary>The turn to write and mail the notices of an account. One process at a time has it, so a reader gets one mail and not one from each node.</summary>
/// <remarks>A row of the queue that is never sent holds it. A process that was killed loses it after <see cref="Lease"/>. Each write checks that the turn
/// is still held and extends it, so that a process that was suspended can't continue in the turn of another.</remarks>
internal sealed class NoticeTurn(NoticeTurns turns, string accountId, NoticeTurnState state, DateTime heldUntil)
{
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    private DateTime? _heldUntil = heldUntil;

    public string AccountId => accountId;

    /// <summary>Runs a write of one transaction, if the turn is still held.</summary>
    /// <exception cref="NoticeTurnLostException">Another process has the turn.</exception>
    public Task WriteAsync(Func<PortalDbContext, CancellationToken, Task> write, CancellationToken cancellation) =>
        turns.WriteAsync(state.Id, _heldUntil, until => _heldUntil = until, write, cancellation);

    /// <summary>Records that the notices up to a time are written.</summary>
    public Task AdvanceAsync(DateTime sweptUntil, CancellationToken cancellation) => WriteAsync(
        (context, token) => context.NoticeRecipients.Where(row => row.Id == state.Id).ExecuteUpdateAsync(set => set.SetProperty(row => row.DueAt, sweptUntil), token), cancellation);

    /// <summary>Keeps the turn for <see cref="Lease"/> from now on.</summary>
    public Task ExtendAsync(CancellationToken cancellation) => WriteAsync((_, _) => Task.CompletedTask, cancellation);

    /// <summary>Lets another process have the turn.</summary>
    public Task ReleaseAsync() => turns.ReleaseAsync(state.Id, _heldUntil);
}

/// <summary>Another process has taken the turn, because this one paused for too long. It continues with what is left.</summary>
internal sealed class NoticeTurnLostException() : Exception("Another process writes the notices now.");

/// <summary>Reads and takes <see cref="NoticeTurn"/>s.</summary>
internal sealed class NoticeTurns(IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, MonotonicClock clock)
{
    /// <summary>At the first start, tokens whose newest notice would have been sent this long ago are announced as well.</summary>
    private static readonly TimeSpan FirstLookBack = TimeSpan.FromDays(366);

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <summary>Reads the state of an account, and creates it if there is none.</summary>
    public async Task<NoticeTurnState> ReadAsync(string accountId, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        if (await FindAsync(context, accountId, cancellation) is { } found)
            return found;
        try
        {
            context.Notices.Add(new Notice
            {
                AccountId = accountId, Kind = NoticeKind.Turn, Key = NoticeKind.Turn, At = Now,
                // It has ended, so the queue never sends it.
                Recipients = { new NoticeRecipient { AccountId = accountId, Email = "", DueAt = Now - FirstLookBack, EndedAt = Now } },
            });
            await context.SaveChangesAsync(cancellation);
        }
        catch (DbUpdateException exception) when (DatabaseErrors.IsDuplicate(exception))
        {
            // Another process was first.
        }

        return await FindAsync(context, accountId, cancellation) ?? throw new InvalidOperationException("The account was removed.");
    }

    /// <returns>Null: another process has the turn.</returns>
    public async Task<NoticeTurn?> TryTakeAsync(string accountId, NoticeTurnState state, CancellationToken cancellation)
    {
        var (now, until) = (Now, Now + NoticeTurn.Lease);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        // A lease that ends later than one that begins now is from before the clock was corrected.
        var taken = await writes.RunUpkeepAsync(
            token => context.NoticeRecipients.Where(row => row.Id == state.Id && (row.ClaimedUntil == null || row.ClaimedUntil <= now || row.ClaimedUntil > until))
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.ClaimedUntil, until), token),
            cancellation);
        return taken == 1 ? new NoticeTurn(this, accountId, state, until) : null;
    }

    public Task WriteAsync(long id, DateTime? held, Action<DateTime> extended, Func<PortalDbContext, CancellationToken, Task> write, CancellationToken cancellation) =>
        // As a change, because the entries of the audit log must be in the order of their numbers.
        writes.RunAsync(
            async token =>
            {
                await using var context = await contexts.CreateDbContextAsync(token);
                await using var transaction = await context.Database.BeginTransactionAsync(token);
                var until = Now + NoticeTurn.Lease;
                if (await context.NoticeRecipients.Where(row => row.Id == id && row.ClaimedUntil == held).ExecuteUpdateAsync(set => set.SetProperty(row => row.ClaimedUntil, until), token) == 0)
                    throw new NoticeTurnLostException();
                await write(context, token);
                await transaction.CommitAsync(token);
                extended(until);
            },
            cancellation);

    public async Task ReleaseAsync(long id, DateTime? held)
    {
        await using var context = await contexts.CreateDbContextAsync(CancellationToken.None);
        await writes.RunUpkeepAsync(
            token => context.NoticeRecipients.Where(row => row.Id == id && row.ClaimedUntil == held).ExecuteUpdateAsync(set => set.SetProperty(row => row.ClaimedUntil, (DateTime?)null), token));
    }

    private static Task<NoticeTurnState?> FindAsync(PortalDbContext context, string accountId, CancellationToken cancellation) => context.NoticeRecipients.AsNoTracking()
        .Where(row => row.Notice!.AccountId == accountId && row.Notice.Key == NoticeKind.Turn)
        .Select(row => new NoticeTurnState(row.Id, row.DueAt, row.ClaimedUntil))
        .SingleOrDefaultAsync(cancellation);
}
