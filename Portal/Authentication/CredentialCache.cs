using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Portal.Catalog;
using Portal.Data;
using Portal.Tokens;

namespace Portal.Authentication;

/// <summary>Credentials in memory, read once when first asked for, forgotten the moment their token changes.</summary>
/// <remarks>As many as there are tokens in use; about 250 bytes each.</remarks>
public sealed class CredentialCache : IDisposable
{
    private readonly ICredentialReader _reader;
    private readonly ModuleCatalog _catalog;
    private readonly TokenChanges _changes;
    private readonly KnownHandles _handles;
    private readonly RateLimit? _defaultLimit;
    private readonly ConcurrentDictionary<int, Credential> _known = new();
    private readonly ConcurrentDictionary<string, string> _accounts = new(StringComparer.Ordinal);
    private readonly Lock _storing = new();
    private long _generation;

    public CredentialCache(
        ICredentialReader reader, ModuleCatalog catalog, TokenChanges changes, KnownHandles handles, IOptions<TokenOptions> options,
        VerificationMetrics metrics)
    {
        (_reader, _catalog, _changes, _handles) = (reader, catalog, changes, handles);
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

    /// <summary>Whether the token has not changed since the credential was read.</summary>
    internal bool IsCurrent(Credential credential) => _known.TryGetValue(credential.Number, out var known) && ReferenceEquals(known, credential);

    /// <summary>Reads the credential from the database and keeps it.</summary>
    /// <returns>Null: there is no such token.</returns>
    public async ValueTask<Credential?> LoadAsync(string handle, CancellationToken cancellation)
    {
        var generation = Volatile.Read(ref _generation);
        if (await _reader.FindAsync(handle, cancellation) is not { } stored)
            return null;
        var credential = new Credential(stored, _catalog, _defaultLimit, _accounts.GetOrAdd(stored.AccountId, stored.AccountId));
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
