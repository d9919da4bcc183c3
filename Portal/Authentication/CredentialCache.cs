using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Portal.Catalog;
using Portal.Data;
using Portal.Tokens;

namespace Portal.Authentication;

/// <summary>Credentials in memory, read once when first asked for, forgotten the moment their token changes.</summary>
public sealed class CredentialCache : IDisposable
{
    /// <summary>Handles that do not exist are remembered too, so that guessing costs no database; this many at most.</summary>
    private const int MostUnknown = 100_000;

    private readonly IDbContextFactory<PortalDbContext> _contexts;
    private readonly ModuleCatalog _catalog;
    private readonly TokenChanges _changes;
    private readonly ConcurrentDictionary<string, Credential> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, byte> _unknown = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Credential>.AlternateLookup<ReadOnlySpan<char>> _knownBySpan;
    private readonly ConcurrentDictionary<string, byte>.AlternateLookup<ReadOnlySpan<char>> _unknownBySpan;
    private readonly Lock _storing = new();
    private long _generation;
    private int _unknownCount;

    public CredentialCache(IDbContextFactory<PortalDbContext> contexts, ModuleCatalog catalog, TokenChanges changes)
    {
        (_contexts, _catalog, _changes) = (contexts, catalog, changes);
        _knownBySpan = _known.GetAlternateLookup<ReadOnlySpan<char>>();
        _unknownBySpan = _unknown.GetAlternateLookup<ReadOnlySpan<char>>();
        changes.Changed += Forget;
    }

    /// <summary>Looks in memory only.</summary>
    /// <returns>False: not looked up yet, ask <see cref="LoadAsync"/>. True with null: there is no such token.</returns>
    public bool TryGet(ReadOnlySpan<char> handle, out Credential? credential) =>
        _knownBySpan.TryGetValue(handle, out credential) || _unknownBySpan.ContainsKey(handle);

    /// <summary>Reads the credential from the database and keeps it.</summary>
    public async ValueTask<Credential?> LoadAsync(string handle, CancellationToken cancellation)
    {
        var generation = Volatile.Read(ref _generation);
        await using var context = await _contexts.CreateDbContextAsync(cancellation);
        // One statement: in several, a change between them would make a credential that never was.
        var token = await context.Tokens.AsNoTracking()
            .AsSingleQuery()
            .Include(token => token.Secrets)
            .Include(token => token.Permissions)
            .SingleOrDefaultAsync(token => token.Handle == handle, cancellation);
        var credential = token is null ? null : new Credential(token, _catalog);
        lock (_storing)
        {
            // A change that came while we read may have been read or not: what we hold serves this request, which began
            // before the change was confirmed, and no other.
            if (generation == _generation)
                Keep(handle, credential);
        }

        return credential;
    }

    public void Dispose() => _changes.Changed -= Forget;

    private void Keep(string handle, Credential? credential)
    {
        if (credential is not null)
        {
            _known[handle] = credential;
            return;
        }

        if (++_unknownCount > MostUnknown)
        {
            _unknown.Clear();
            _unknownCount = 1;
        }

        _unknown[handle] = 0;
    }

    private void Forget(string handle)
    {
        lock (_storing)
        {
            _generation++;
            _known.TryRemove(handle, out _);
            _unknown.TryRemove(handle, out _);
        }
    }
}
