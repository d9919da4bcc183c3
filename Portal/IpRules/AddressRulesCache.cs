using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.EntityFrameworkCore;
using Portal.Addresses;
using Portal.Data;

namespace Portal.IpRules;

/// <summary>Caches the rules of accounts. It reads them on first use, and removes them when they change.</summary>
public sealed class AddressRulesCache(IDbContextFactory<PortalDbContext> contexts)
{
    private readonly ConcurrentDictionary<string, AddressRules> _known = new(StringComparer.Ordinal);
    private readonly Lock _storing = new();
    private long _generation;

    /// <summary>Finds the rules in memory only.</summary>
    public bool TryGet(string accountId, [NotNullWhen(true)] out AddressRules? rules) => _known.TryGetValue(accountId, out rules);

    public ValueTask<AddressRules> GetAsync(string accountId, CancellationToken cancellation) =>
        _known.TryGetValue(accountId, out var rules) ? new(rules) : LoadAsync(accountId, cancellation);

    /// <summary>Call this when a change to the rules of an account is durable, or may be durable.</summary>
    public void Forget(string accountId)
    {
        lock (_storing)
        {
            _generation++;
            _known.TryRemove(accountId, out _);
        }
    }

    private async ValueTask<AddressRules> LoadAsync(string accountId, CancellationToken cancellation)
    {
        var generation = Volatile.Read(ref _generation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var rules = await context.IpRules.AsNoTracking().Where(rule => rule.AccountId == accountId).ToListAsync(cancellation);
        var loaded = new AddressRules([.. rules.Select(rule => new RuleRange(rule.TokenId, new AddressRange(rule.First, rule.Last)))]);
        lock (_storing)
        {
            // The result may or may not include a change that was made meanwhile. It serves only this request, which started
            // before the change was confirmed.
            if (generation == _generation)
                _known[accountId] = loaded;
        }

        return loaded;
    }
}
