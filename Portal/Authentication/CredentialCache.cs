using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Catalog;
using Portal.Data;
using Portal.Tokens;

namespace Portal.Authentication;

/// <summary>Credentials in memory, read once when first asked for, forgotten the moment their token changes.</summary>
/// <remarks>As many as there are tokens in use; about 250 bytes each.</remarks>
public sealed class CredentialCache : IDisposable
{
    private readonly IDbContextFactory<PortalDbContext> _contexts;
    private readonly ModuleCatalog _catalog;
    private readonly TokenChanges _changes;
    private readonly KnownHandles _handles;
    private readonly RateLimit? _defaultLimit;
    private readonly ConcurrentDictionary<int, Credential> _known = new();
    private readonly ConcurrentDictionary<string, string> _accounts = new(StringComparer.Ordinal);
    private readonly Lock _storing = new();
    private long _generation;

    public CredentialCache(
        IDbContextFactory<PortalDbContext> contexts, ModuleCatalog catalog, TokenChanges changes, KnownHandles handles, IOptions<TokenOptions> options,
        VerificationMetrics metrics)
    {
        (_contexts, _catalog, _changes, _handles) = (contexts, catalog, changes, handles);
        _defaultLimit = options.Value.DefaultRateLimit;
        changes.Changed += Forget;
        metrics.Observe(() => _known.Count);
    }

    /// <summary>Looks in memory only.</summary>
    /// <param name="handle">One that <see cref="ApiKey.IsHandle"/>.</param>
    /// <returns>False: not looked up yet, ask <see cref="LoadAsync"/>. True with null: there is no such token.</returns>
    public bool TryGet(ReadOnlySpan<char> handle, out Credential? credential)
    {
        var number = ApiKey.NumberOf(handle);
        return _known.TryGetValue(number, out credential) || !_handles.MayExist(number);
    }

    /// <summary>Reads the credential from the database and keeps it.</summary>
    /// <returns>Null: there is no such token.</returns>
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
        if (token is null)
            return null;
        var credential = new Credential(token, _catalog, _defaultLimit, _accounts.GetOrAdd(token.AccountId, token.AccountId));
        lock (_storing)
        {
            // A change that came while we read may have been read or not: what we hold serves this request, which began
            // before the change was confirmed, and no other.
            if (generation == _generation)
                _known[ApiKey.NumberOf(handle)] = credential;
        }

        return credential;
    }

    public void Dispose() => _changes.Changed -= Forget;

    private void Forget(string handle)
    {
        lock (_storing)
        {
            _generation++;
            _known.TryRemove(ApiKey.NumberOf(handle), out _);
        }
    }
}
