using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Access;
using Portal.Audit;
using Portal.Data;
using Portal.IpRules;

namespace Portal.Tokens;

/// <summary>Removes deleted tokens at the end of <see cref="TokenOptions.DeletedRetentionDays"/>, with their secrets, permissions, IP rules, notices and
/// statistics. Their audit entries stay.</summary>
/// <remarks>Every node does it. A token is removed in a change that finds it still deleted, so it is removed and recorded once.</remarks>
public sealed partial class DeletedTokenSweep(
    IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, AuditLog audit, TokenChanges changes, NewTokenRules rules, IOptions<TokenOptions> options, MonotonicClock clock,
    ILogger<DeletedTokenSweep> logger) : BackgroundService
{
    /// <summary>The number of tokens in one transaction, which keeps the database locked for a few milliseconds only.</summary>
    internal const int TokensAtOnce = 50;

    /// <summary>The number of rows of statistics in one statement.</summary>
    private const int RowsAtOnce = 500;

    private static readonly TimeSpan AfterStart = TimeSpan.FromMinutes(5), Between = TimeSpan.FromHours(1), Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>The shortest time until a token is removed, so that a deletion can be undone right away even without a retention.</summary>
    private static readonly TimeSpan ShortestRetention = TimeSpan.FromHours(1);

    /// <summary>Removes the tokens whose retention has ended.</summary>
    /// <returns>The number of tokens that were removed.</returns>
    internal async Task<int> SweepAsync(CancellationToken cancellation = default)
    {
        var retention = TimeSpan.FromDays(options.Value.DeletedRetentionDays);
        var before = clock.GetTrustedUtcNow().UtcDateTime - (retention > ShortestRetention ? retention : ShortestRetention);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var removed = 0;
        foreach (var account in await context.Accounts.AsNoTracking().Select(account => account.Id).ToListAsync(cancellation))
            while (await FindAsync(context, account, before, cancellation) is { Count: > 0 } ids)
            {
                foreach (var id in ids)
                    await RemoveStatisticsAsync(context, id, cancellation);
                removed += await writes.RunAsync(turn => RemoveAsync(account, ids, before, turn), cancellation);
                if (ids.Count == TokensAtOnce)
                    await Task.Delay(Pause, clock, cancellation);
            }

        if (removed > 0)
            LogRemoved(removed, options.Value.DeletedRetentionDays);
        return removed;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            for (var pause = AfterStart; ; pause = Between)
            {
                await Task.Delay(pause, clock, stoppingToken);
                await TryAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Portal is stopping. The rest is removed after the next start.
        }
    }

    private async Task TryAsync(CancellationToken stoppingToken)
    {
        try
        {
            await SweepAsync(stoppingToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogFailed(exception);
        }
    }

    private static Task<List<long>> FindAsync(PortalDbContext context, string accountId, DateTime before, CancellationToken cancellation) => context.Tokens.AsNoTracking()
        .Where(token => token.AccountId == accountId && token.DeletedAt <= before)
        .OrderBy(token => token.DeletedAt).ThenBy(token => token.CreatedAt).ThenBy(token => token.Id)
        .Select(token => token.Id).Take(TokensAtOnce).ToListAsync(cancellation);

    /// <summary>Removes the statistics first, a few rows at a time: a token can have very many.</summary>
    private async Task RemoveStatisticsAsync(PortalDbContext context, long tokenId, CancellationToken cancellation)
    {
        for (var kind = 0; kind < RetentionStore.Kinds; kind++)
            while (await writes.RunUpkeepAsync(turn => RetentionStore.RemoveOfTokenAsync(context, kind, tokenId, RowsAtOnce, turn), cancellation) == RowsAtOnce)
            {
            }
    }

    private async Task<int> RemoveAsync(string accountId, IReadOnlyCollection<long> ids, DateTime before, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
        // Again: some may have been restored, or removed by another node.
        var tokens = await context.Tokens.AsNoTracking().Where(token => ids.Contains(token.Id) && token.DeletedAt <= before)
            .Select(token => new { token.Id, token.Handle, token.Name, token.DeletedAt }).ToListAsync(cancellation);
        var found = tokens.ConvertAll(token => token.Id);
        // Before the tokens, whose handles the change log of the nodes needs. The other rows follow by their foreign keys.
        await context.TokenSecrets.Where(secret => found.Contains(secret.TokenId)).ExecuteDeleteAsync(cancellation);
        await context.Tokens.Where(token => found.Contains(token.Id)).ExecuteDeleteAsync(cancellation);
        foreach (var token in tokens)
            audit.Add(context, Actor.OfPortal(accountId), AuditAction.TokenPurged, token.Handle, token.Name, new Dictionary<string, object?> { ["deleted_at"] = token.DeletedAt });
        try
        {
            await context.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
        }
        finally
        {
            // Even if the commit failed: its result is unknown then, so caches must read again.
            rules.Forget(accountId);
            foreach (var token in tokens)
                changes.Publish(token.Handle);
        }

        return tokens.Count;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} deleted tokens were removed: they were deleted more than {Days} days ago")]
    private partial void LogRemoved(int count, int days);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Deleted tokens could not be removed at the end of their retention; Portal retries in an hour")]
    private partial void LogFailed(Exception exception);
}
