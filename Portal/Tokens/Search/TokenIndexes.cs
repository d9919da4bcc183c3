using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Portal.Catalog;
using Portal.Data;

namespace Portal.Tokens.Search;

/// <summary>Keeps the search index of each account in step with the database.</summary>
/// <remarks>An index is read when it is first needed. Before each use it reads the tokens that changed since, which triggers number
/// (<see cref="Token.ListVersion"/>), so it can't miss a change of any process.</remarks>
public sealed partial class TokenIndexes(IDbContextFactory<PortalDbContext> contexts, ModuleCatalog catalog, ILogger<TokenIndexes> logger) : IDisposable
{
    /// <summary>The largest account whose index is read only when it is needed.</summary>
    internal const int MostReadOnDemand = 10_000;

    private const int RemovedAtOnce = 1_000;

    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    public void Dispose()
    {
        foreach (var entry in _entries.Values)
            entry.Dispose();
    }

    /// <summary>Returns the index of an account with all changes up to the totals.</summary>
    /// <param name="totals">The totals of the account, read before; null: it has no tokens.</param>
    internal async Task<TokenIndex> GetAsync(string accountId, TokenTotals? totals, CancellationToken cancellation)
    {
        var entry = _entries.GetOrAdd(accountId, _ => new Entry());
        if (entry.Index is { } index && IsCurrent(index, totals))
            return index;
        await entry.Gate.WaitAsync(cancellation);
        try
        {
            if (entry.Index is not { } known)
                return entry.Index = await ReadAsync(accountId, totals);
            if (IsCurrent(known, totals))
                return known;
            if (await TryUpdateAsync(known, accountId, totals) && !known.IsWorn)
                return known;
            // Readers may still use the former index, so it isn't disposed.
            return entry.Index = await ReadAsync(accountId, totals);
        }
        finally
        {
            entry.Gate.Release();
        }
    }

    /// <summary>Reads the index of an account in the background, so that the first search doesn't wait for it.</summary>
    internal Task PrepareAsync(string accountId) => _entries.TryAdd(accountId, new Entry()) ? Task.Run(() => ReadAheadAsync(accountId)) : Task.CompletedTask;

    private async Task ReadAheadAsync(string accountId)
    {
        try
        {
            await using var context = await contexts.CreateDbContextAsync();
            var totals = await context.TokenTotals.AsNoTracking().SingleOrDefaultAsync(totals => totals.AccountId == accountId);
            await GetAsync(accountId, totals, CancellationToken.None);
        }
        catch (Exception exception)
        {
            LogNotPrepared(exception);
        }
    }

    /// <summary>Whether the index of an account is in memory, so that using it costs little.</summary>
    internal bool Has(string accountId) => _entries.TryGetValue(accountId, out var entry) && entry.Index is not null;

    private static bool IsCurrent(TokenIndex index, TokenTotals? totals) => index.Version >= (totals?.Version ?? 0) && index.Removed >= (totals?.Removed ?? 0);

    /// <remarks>It can't be canceled: the next search needs the index, too.</remarks>
    private async Task<TokenIndex> ReadAsync(string accountId, TokenTotals? totals)
    {
        var index = new TokenIndex { Version = totals?.Version ?? 0, Removed = totals?.Removed ?? 0 };
        await using var context = await contexts.CreateDbContextAsync();
        await foreach (var token in IndexedTokenReader.ReadAsync(context, catalog, accountId, since: null))
            index.Add(token);
        return index;
    }

    private async Task<bool> TryUpdateAsync(TokenIndex index, string accountId, TokenTotals? totals)
    {
        await using var context = await contexts.CreateDbContextAsync();
        var changed = await IndexedTokenReader.ReadAsync(context, catalog, accountId, index.Version).ToListAsync();
        if (!index.TryApply(changed.OrderBy(token => token.CreatedAt).ThenBy(token => token.Id)))
            return false;
        if (index.Removed < (totals?.Removed ?? 0) && !await TryRemoveAsync(context, index, accountId, totals!.Removed))
            return false;
        index.Version = totals?.Version ?? 0;
        return true;
    }

    /// <summary>Finds the tokens whose rows were removed. They were deleted before, so only deleted tokens are compared.</summary>
    /// <returns>False: the index doesn't know all of them, so that all must be read again.</returns>
    private static async Task<bool> TryRemoveAsync(PortalDbContext context, TokenIndex index, string accountId, long removed)
    {
        var deleted = new IdBits();
        await foreach (var id in context.Tokens.Where(token => token.AccountId == accountId && token.DeletedAt != null).Select(token => token.Id).AsAsyncEnumerable())
            deleted.Add(id);
        var missing = index.DeletedExcept(deleted).ToHashSet();
        foreach (var some in missing.Chunk(RemovedAtOnce))
            // Those that were restored in between.
            missing.ExceptWith(await context.Tokens.Where(token => EF.Parameter(some).Contains(token.Id)).Select(token => token.Id).ToListAsync());
        if (index.Removed + missing.Count < removed)
            return false;
        index.Remove(missing);
        index.Removed += missing.Count;
        return true;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The search index could not be read; the next search tries again")]
    private partial void LogNotPrepared(Exception exception);

    private sealed class Entry : IDisposable
    {
        private volatile TokenIndex? _index;

        public SemaphoreSlim Gate { get; } = new(1, 1);

        public TokenIndex? Index
        {
            get => _index;
            set => _index = value;
        }

        public void Dispose()
        {
            Gate.Dispose();
            _index?.Dispose();
        }
    }
}
