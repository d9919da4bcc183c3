using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Tokens.Reading;

namespace Portal.Tokens;

/// <summary>A response to store in the same transaction as the change, for idempotent retries.</summary>
/// <param name="Id">32 bytes that identify the caller and its idempotency key.</param>
/// <param name="Request">32 bytes that identify the content of the request.</param>
/// <param name="Seal">Creates the response from the changed token and the new key, encrypted so that only the caller can read it.</param>
public sealed record IdempotentResponseToStore(byte[] Id, byte[] Request, Func<TokenRecord, ApiKey?, byte[]> Seal);

/// <summary>An earlier request and its response.</summary>
/// <param name="Handle">The token that was created or changed; null: several.</param>
/// <param name="Answer">The encrypted response.</param>
public sealed record EarlierResponse(byte[] Request, string? Handle, byte[] Answer);

/// <summary>Another request with the same idempotency key was answered first, by another process. Find its response. Nothing was changed.</summary>
public sealed class AnsweredEarlierException() : Exception("Another request with this idempotency key was answered first.");

/// <summary>The responses to requests of the last day that had an idempotency key.</summary>
public sealed class IdempotentResponses(IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, MonotonicClock clock)
{
    /// <summary>The time for which a response is stored.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromHours(24);

    /// <summary>Rows per statement, which keeps the database locked for a few milliseconds only.</summary>
    internal const int RowsAtOnce = 500;

    /// <summary>Uses the trusted time, because a request whose response is removed too early could be carried out twice.</summary>
    private DateTime OldestKept => clock.GetTrustedUtcNow().UtcDateTime - Memory;

    /// <summary>Refuses to make a change again that another process has made since the request looked for its response. Call it in the turn of the change.</summary>
    /// <exception cref="AnsweredEarlierException">There is a response.</exception>
    internal static async Task EnsureFirstAsync(PortalDbContext context, IdempotentResponseToStore? call, CancellationToken cancellation)
    {
        if (call is not null && await context.IdempotentResponses.AnyAsync(earlier => earlier.Id == call.Id, cancellation))
            throw new AnsweredEarlierException();
    }

    /// <summary>Finds an earlier response, whose change is in force on all nodes then; null: none in the last day. An older response is removed, so that its ID
    /// is free again.</summary>
    public async Task<EarlierResponse?> FindAsync(byte[] id, CancellationToken cancellation = default)
    {
        await using (var context = await contexts.CreateDbContextAsync(cancellation))
        {
            var call = await context.IdempotentResponses.AsNoTracking().SingleOrDefaultAsync(call => call.Id == id, cancellation);
            if (call is null)
                return null;
            if (call.At > OldestKept)
            {
                await writes.ConfirmAsync();
                return new EarlierResponse(call.Request, call.Handle, call.Answer);
            }
        }

        await writes.RunAsync(async token =>
        {
            await using var removing = await contexts.CreateDbContextAsync(token);
            await removing.IdempotentResponses.Where(old => old.Id == id).ExecuteDeleteAsync(token);
        }, cancellation);
        return null;
    }

    /// <summary>Stores the response to a request whose parts are separate transactions.</summary>
    /// <param name="answer">The encrypted response.</param>
    /// <exception cref="AnsweredEarlierException">Another process has stored one.</exception>
    public async Task AddAsync(byte[] id, byte[] request, byte[] answer, CancellationToken cancellation = default)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        context.IdempotentResponses.Add(new IdempotentResponse { Id = id, Request = request, At = clock.GetUtcNow().UtcDateTime, Answer = answer });
        try
        {
            await context.SaveChangesAsync(cancellation);
        }
        catch (DbUpdateException exception) when (DatabaseErrors.IsDuplicate(exception))
        {
            throw new AnsweredEarlierException();
        }
    }

    /// <summary>Removes responses that are older than a day, a few rows at a time.</summary>
    /// <returns>The number of removed rows.</returns>
    internal async Task<int> PruneAsync(CancellationToken cancellation = default)
    {
        var forgotten = OldestKept;
        for (var removed = 0; ;)
        {
            await using var context = await contexts.CreateDbContextAsync(cancellation);
            var old = context.IdempotentResponses.Where(call => call.At <= forgotten).OrderBy(call => call.At).Take(RowsAtOnce);
            var rows = await writes.RunUpkeepAsync(token => old.ExecuteDeleteAsync(token), cancellation);
            removed += rows;
            if (rows < RowsAtOnce)
                return removed;
        }
    }
}
