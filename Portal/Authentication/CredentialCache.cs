using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
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
    private readonly RateLimit? _defaultLimit;
    private readonly ConcurrentDictionary<int, Credential> _known = new();
    private readonly ConcurrentDictionary<string, string> _accounts = new(StringComparer.Ordinal);
    private readonly Lock _storing = new();
    private long _generation;

    public CredentialCache(
        ICredentialReader reader, ModuleCatalog catalog, TokenChanges changes, IOptions<TokenOptions> options, VerificationMetrics metrics)
    {
        (_reader, _catalog, _changes) = (reader, catalog, changes);
        _defaultLimit = options.Value.DefaultRateLimit;
        changes.Changed += Forget;
        changes.Dropped += ForgetAll;
        metrics.Observe(() => _known.Count);
    }

    /// <summary>Searches in memory only.</summary>
    /// <param name="handle">See <see cref="ApiKey.NumberOf"/>.</param>
    /// <returns>False if it hasn't been loaded; call <see cref="LoadAsync"/>.</returns>
    public bool TryGet(int handle, [NotNullWhen(true)] out Credential? credential) => _known.TryGetValue(handle, out credential);

    /// <summary>Whether the token hasn't changed since the credential was read.</summary>
    internal bool IsCurrent(Credential credential) => _known.TryGetValue(credential.Number, out var known) && ReferenceEquals(known, credential);

    /// <summary>Reads the credential from the database and keeps it.</summary>
    /// <returns>Null if there is no such token.</returns>
    public async ValueTask<Credential?> LoadAsync(int handle, CancellationToken cancellation)
    {
        var generation = Volatile.Read(ref _generation);
        if (await ReadAsync(handle, cancellation) is not { } credential)
            return null;
        lock (_storing)
        {
            // A change during the read may or may not be included. The result is good for this request, which began before the change was confirmed,
            // but isn't kept for others.
            if (generation == _generation)
                _known[handle] = credential;
        }

        return credential;
    }

    /// <summary>Reads the credential from the database and doesn't keep it.</summary>
    /// <returns>Null if there is no such token.</returns>
    internal async ValueTask<Credential?> ReadAsync(int handle, CancellationToken cancellation) =>
        await _reader.FindAsync(ApiKey.HandleOf(handle), cancellation) is { } stored
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
