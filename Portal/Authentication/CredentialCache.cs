using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Portal.Catalog;
using Portal.Data;
using Portal.Tokens;

namespace Portal.Authentication;

/// <summary>Keeps credentials in memory. They are read when they are first needed, and dropped when their token changes.</summary>
/// <remarks>Contains one credential of about 250 bytes for each token in use.</remarks>
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
        changes.Dropped += ForgetAll;
        metrics.Observe(() => _known.Count);
    }

    /// <summary>Searches in memory only.</summary>
    /// <param name="handle">A handle that passes <see cref="ApiKey.IsHandle"/>.</param>
    /// <returns>False if it hasn't been loaded yet; call <see cref="LoadAsync"/>. True with null if there is no such token.</returns>
    public bool TryGet(ReadOnlySpan<char> handle, out Credential? credential)
    {
        var number = ApiKey.NumberOf(handle);
        return _known.TryGetValue(number, out credential) || !_handles.MayExist(number);
    }

    /// <summary>Whether the token hasn't changed since the credential was read.</summary>
    internal bool IsCurrent(Credential credential) => _known.TryGetValue(credential.Number, out var known) && ReferenceEquals(known, credential);

    /// <summary>Reads the credential from the database and keeps it.</summary>
    /// <returns>Null if there is no such token.</returns>
    public async ValueTask<Credential?> LoadAsync(string handle, CancellationToken cancellation)
    {
        var generation = Volatile.Read(ref _generation);
        if (await ReadAsync(handle, cancellation) is not { } credential)
            return null;
        lock (_storing)
        {
            // A change during the read may or may not be included. The result is good for this request, which began before the change was confirmed,
            // but isn't kept for others.
            if (generation == _generation)
                _known[ApiKey.NumberOf(handle)] = credential;
        }

        return credential;
    }

    /// <summary>Reads the credential from the database and doesn't keep it.</summary>
    /// <returns>Null if there is no such token.</returns>
    internal async ValueTask<Credential?> ReadAsync(string handle, CancellationToken cancellation) =>
        await _reader.FindAsync(handle, cancellation) is { } stored
            ? new Credential(stored, _catalog, _defaultLimit, _accounts.GetOrAdd(stored.AccountId, stored.AccountId))
            : null;

    public void Dispose()
    {
        _changes.Changed -= Forget;
        _changes.Dropped -= ForgetAll;
    }

    private void Forget(string handle)
    {
        lock (_storing)
        {
            _generation++;
            _known.TryRemove(ApiKey.NumberOf(handle), out _);
        }
    }

    private void ForgetAll()
    {
        lock (_storing)
        {
            _generation++;
            _known.Clear();
        }
    }
}
