using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Tokens.Reading;

namespace Portal.Tokens;

/// <summary>A change that is to be remembered with its answer, in one transaction with it.</summary>
/// <param name="Id">32 bytes for who asks and the key that they chose.</param>
/// <param name="Request">32 bytes for what is asked.</param>
/// <param name="Seal">Makes the answer, from the token as it is after the change and the key that was made, encrypted for the asker alone.</param>
public sealed record IdempotentResponseToStore(byte[] Id, byte[] Request, Func<TokenRecord, ApiKey?, byte[]> Seal);

/// <summary>What was asked and answered before.</summary>
/// <param name="Handle">The token that was made or changed; null: several.</param>
/// <param name="Answer">Encrypted.</param>
public sealed record EarlierResponse(byte[] Request, string? Handle, byte[] Answer);

/// <summary>The calls of the last day that were made under a key of the asker's choice.</summary>
public sealed class IdempotentResponses(IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, MonotonicClock clock)
{
    /// <summary>How long a call is remembered.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromHours(24);

    /// <summary>Rows in one statement: some milliseconds for which the database is held.</summary>
    internal const int RowsAtOnce = 500;

    /// <summary>By the trusted time: a call that is forgotten too early could be made twice.</summary>
    private DateTime Forgotten => clock.GetTrustedUtcNow().UtcDateTime - Memory;

    /// <summary>Null: there was none in the last day. An older one is gone afterwards, so that its place is free.</summary>
    public async Task<EarlierResponse?> FindAsync(byte[] id, CancellationToken cancellation = default)
    {
        await using (var context = await contexts.CreateDbContextAsync(cancellation))
        {
            var call = await context.IdempotentResponses.AsNoTracking().SingleOrDefaultAsync(call => call.Id == id, cancellation);
            if (call is null)
                return null;
            if (call.At > Forgotten)
                return new EarlierResponse(call.Request, call.Handle, call.Answer);
        }

        await writes.RunAsync(async token =>
        {
            await using var removing = await contexts.CreateDbContextAsync(token);
            await removing.IdempotentResponses.Where(old => old.Id == id).ExecuteDeleteAsync(token);
        }, cancellation);
        return null;
    }

    /// <summary>Remembers a call by itself, of which every part is a transaction of its own.</summary>
    /// <param name="answer">Encrypted.</param>
    public async Task AddAsync(byte[] id, byte[] request, byte[] answer, CancellationToken cancellation = default)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        context.IdempotentResponses.Add(new IdempotentResponse { Id = id, Request = request, At = clock.GetUtcNow().UtcDateTime, Answer = answer });
        await context.SaveChangesAsync(cancellation);
    }

    /// <summary>Removes what is older than a day, a few rows at a time.</summary>
    /// <returns>How many were removed.</returns>
    internal async Task<int> PruneAsync(CancellationToken cancellation = default)
    {
        var forgotten = Forgotten;
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
