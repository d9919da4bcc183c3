using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Data;

namespace Portal.Tokens;

/// <summary>Records the end of secrets that expire or whose overlap ends, and removes their encrypted copies.
/// With <c>Tokens:Reveal=Once</c>, it also removes the copies that were stored before.</summary>
/// <remarks>A recorded end is permanent, so it depends only on the trusted time. Keys are refused at their end even if it isn't recorded yet.</remarks>
public sealed partial class EndedSecretSweep(
    IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, TokenChanges changes, IOptions<TokenOptions> options, MonotonicClock clock,
    ILogger<EndedSecretSweep> logger) : TimedSweep(changes, clock)
{
    /// <summary>Rows per statement, which keeps the database locked for a few milliseconds only.</summary>
    internal const int RowsAtOnce = 200;

    /// <summary>Processes all secrets that are due.</summary>
    /// <returns>When the next secret ends, UTC; null: no secret will end.</returns>
    public override async Task<DateTime?> SweepAsync(CancellationToken cancellation = default)
    {
        while (true)
        {
            await using var context = await contexts.CreateDbContextAsync(cancellation);
            var now = TrustedNow;
            var next = await EndedSecretStore.NextEndAsync(context, cancellation);
            if (next is null || next > now)
                return next;
            await writes.RunUpkeepAsync(token => EndedSecretStore.EndAsync(context, now, RowsAtOnce, token), cancellation);
        }
    }

    /// <summary>Removes every encrypted copy if the configuration doesn't allow showing keys again.</summary>
    public async Task RemoveCopiesAsync(CancellationToken cancellation = default)
    {
        if (options.Value.Reveal != RevealPolicy.Once)
            return;
        for (long after = 0; ;)
        {
            await using var context = await contexts.CreateDbContextAsync(cancellation);
            var found = await EndedSecretStore.FindCopiesAsync(context, after, RowsAtOnce, cancellation);
            if (found.Count == 0)
                return;
            await writes.RunUpkeepAsync(token => EndedSecretStore.RemoveCopiesAsync(context, found[0], found[^1], token), cancellation);
            after = found[^1];
        }
    }

    protected override Task PrepareAsync(CancellationToken cancellation) => RemoveCopiesAsync(cancellation);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The encrypted copies of ended keys could not be removed; Portal retries every minute")]
    protected override partial void LogFailed(Exception exception);
}
