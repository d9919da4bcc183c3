using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Tokens;

namespace Portal.Authentication;

/// <summary>Knows which secrets may be accepted, so that all other keys are refused in the same time and without the database: those with an unknown
/// handle, a wrong secret or a retired secret.</summary>
/// <remarks>
/// <para>The answer that a secret isn't accepted is certain. All others are only possible, and <see cref="Credential"/> decides about them: every secret
/// until the secrets are read after the start, and every secret of a token that has just changed. The token's secrets are then read in the
/// background, which takes milliseconds.</para>
/// <para>If changes by other nodes may have been missed, all secrets are read again.</para>
/// <para>A secret whose overlap ends stays until its token changes or someone uses it, see <see cref="Renew"/>.</para>
/// </remarks>
public sealed partial class KnownSecrets : BackgroundService
{
    private static readonly TimeSpan BeforeNextTry = TimeSpan.FromSeconds(5);

    private readonly IDbContextFactory<PortalDbContext> _contexts;
    private readonly ICredentialReader _reader;
    private readonly TokenChanges _changes;
    private readonly TimeProvider _clock;
    private readonly ILogger<KnownSecrets> _logger;
    private readonly SecretSet _usable = new(), _retired = new();

    /// <summary>The tokens whose secrets must be read again, with the number of the latest change.</summary>
    private readonly ConcurrentDictionary<int, long> _changed = new();
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    // Never disposed: without a wait handle there is nothing to free.
    private readonly SemaphoreSlim _reading = new(1, 1);
    private readonly Lock _lock = new();
    private long _lastChange;
    private int _drops;
    private volatile bool _complete;

    public KnownSecrets(
        IDbContextFactory<PortalDbContext> contexts, ICredentialReader reader, TokenChanges changes, TimeProvider clock, ILogger<KnownSecrets> logger)
    {
        (_contexts, _reader, _changes, _clock, _logger) = (contexts, reader, changes, clock, logger);
        changes.Changed += Note;
        changes.Dropped += Doubt;
    }

    /// <summary>Whether the key may be accepted, or refused with a reason. False is certain, and takes the same time for every key.</summary>
    internal bool MayBeUsable(in SentKey key) =>
        // The last search finds a secret that was added meanwhile: it is added before its token stops counting as changed.
        _usable.Contains(key.Id) || !_complete || _changed.ContainsKey(key.Handle) || _usable.Contains(key.Id);

    /// <summary>Whether the key may have been replaced and ended. False is certain.</summary>
    internal bool MayBeRetired(RefusedKey key) => !_complete || _changed.ContainsKey(key.Handle) || _retired.Contains(key.Id);

    /// <summary>Reads the secrets of a token again, because one of them has ended.</summary>
    /// <param name="handle">See <see cref="ApiKey.NumberOf"/>.</param>
    internal void Renew(int handle)
    {
        // A change that is noted already is enough: otherwise, frequent requests would keep the token marked.
        if (_complete && _changed.TryAdd(handle, Interlocked.Increment(ref _lastChange)))
            _wake.Writer.TryWrite(true);
    }

    /// <summary>Reads all secrets if they haven't been read yet, and those of the tokens that have changed.</summary>
    internal async Task ReadAsync(CancellationToken cancellation)
    {
        await _reading.WaitAsync(cancellation);
        try
        {
            if (!_complete)
                await LoadAsync(cancellation);
            await UpdateAsync(cancellation);
        }
        finally
        {
            _reading.Release();
        }
    }

    public override void Dispose()
    {
        _changes.Changed -= Note;
        _changes.Dropped -= Doubt;
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
            try
            {
                await ReadAsync(stoppingToken);
                await _wake.Reader.ReadAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // Only the cost of a bad key depends on it.
                LogFailed(exception);
                await Task.Delay(BeforeNextTry, _clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
    }

    private async Task LoadAsync(CancellationToken cancellation)
    {
        var drops = Volatile.Read(ref _drops);
        await using var context = await _contexts.CreateDbContextAsync(cancellation);
        (long TokenId, StoredStatus Status, StoredSecret Secret)? previous = null;
        var secrets =
            from secret in context.TokenSecrets.AsNoTracking()
            join token in context.Tokens on secret.TokenId equals token.Id
            orderby secret.TokenId, secret.Id
            select new { secret.TokenId, token.Status, Secret = new StoredSecret(secret.Id, secret.Hash, secret.EndsAt, secret.EndedAt != null) };
        var now = _clock.GetUtcNow().UtcDateTime;
        await foreach (var secret in secrets.AsAsyncEnumerable().WithCancellation(cancellation))
        {
            if (previous is { } older)
                Add(older.Secret, older.Status, isNewest: older.TokenId != secret.TokenId, now);
            previous = (secret.TokenId, secret.Status, secret.Secret);
        }

        if (previous is { } last)
            Add(last.Secret, last.Status, isNewest: true, now);
        lock (_lock)
            _complete = drops == _drops;
    }

    private async Task UpdateAsync(CancellationToken cancellation)
    {
        foreach (var (handle, change) in _changed)
        {
            if (await _reader.FindAsync(ApiKey.HandleOf(handle), cancellation) is { } token)
                for (var i = 0; i < token.Secrets.Count; i++)
                    Add(token.Secrets[i], token.Status, isNewest: i == 0, _clock.GetUtcNow().UtcDateTime);
            // A change since then may not be included.
            _changed.TryRemove(new KeyValuePair<int, long>(handle, change));
        }
    }

    /// <summary>Called before the change is confirmed, so that a new secret is accepted at once.</summary>
    private void Note(string handle)
    {
        _changed[ApiKey.NumberOf(handle)] = Interlocked.Increment(ref _lastChange);
        _wake.Writer.TryWrite(true);
    }

    /// <summary>Reads all secrets again, because changes by other nodes may have been missed.</summary>
    private void Doubt()
    {
        lock (_lock)
        {
            _complete = false;
            _drops++;
        }

        _wake.Writer.TryWrite(true);
    }

    private void Add(in StoredSecret secret, StoredStatus status, bool isNewest, DateTime now)
    {
        var id = SentKey.IdOf(secret.Hash);
        if (isNewest || Credential.EndOf(secret, status) > now.Ticks)
        {
            _usable.Add(id);
            return;
        }

        _retired.Add(id);
        _usable.Remove(id);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The hashes of the keys could not be read; Portal retries")]
    private partial void LogFailed(Exception exception);
}
