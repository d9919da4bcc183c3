using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.EntityFrameworkCore;
using Portal.Addresses;
using Portal.Data;
using Portal.Data.Nodes;

namespace Portal.IpRules;

/// <summary>Caches the rules of accounts. It reads them on first use, and removes them when they change.</summary>
public sealed class AddressRulesCache(IDbContextFactory<PortalDbContext> contexts) : IChangeListener
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

    /// <summary>Reads the rules from the database and doesn't keep them.</summary>
    internal async ValueTask<AddressRules> ReadAsync(string accountId, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var rules = await context.IpRules.AsNoTracking().Where(rule => rule.AccountId == accountId).ToListAsync(cancellation);
        return new AddressRules([.. rules.Select(rule => new RuleRange(rule.TokenId, new AddressRange(rule.First, rule.Last)))]);
    }

    void IChangeListener.Changed(in Change change)
    {
        if (change.Kind == ChangeKind.AddressRules)
            Forget(change.Key);
    }

    void IChangeListener.DropAll()
    {
        lock (_storing)
        {
            _generation++;
            _known.Clear();
        }
    }

    private async ValueTask<AddressRules> LoadAsync(string accountId, CancellationToken cancellation)
    {
        var generation = Volatile.Read(ref _generation);
        var loaded = await ReadAsync(accountId, cancellation);
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
