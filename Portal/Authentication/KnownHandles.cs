using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Tokens;

namespace Portal.Authentication;

/// <summary>Knows which handles exist, so that guesses cost no database query.</summary>
/// <remarks>Loaded after the start, while the first requests are served, and again if changes may have been missed. Until then, any handle may exist. A handle is never removed, because
/// the record of a deleted token is kept.</remarks>
public sealed partial class KnownHandles : BackgroundService
{
    private static readonly TimeSpan BeforeNextTry = TimeSpan.FromSeconds(5);

    private readonly IDbContextFactory<PortalDbContext> _contexts;
    private readonly TokenChanges _changes;
    private readonly TimeProvider _clock;
    private readonly ILogger<KnownHandles> _logger;
    private readonly Lock _lock = new();
    private readonly HashSet<int> _handles = [];
    private readonly SemaphoreSlim _dropped = new(0);
    private volatile bool _complete;
    private int _drops;

    public KnownHandles(IDbContextFactory<PortalDbContext> contexts, TokenChanges changes, TimeProvider clock, ILogger<KnownHandles> logger)
    {
        (_contexts, _changes, _clock, _logger) = (contexts, changes, clock, logger);
        changes.Changed += Add;
        changes.Dropped += Doubt;
    }

    /// <summary>Whether a token may have the handle. False is certain.</summary>
    /// <param name="handle">See <see cref="ApiKey.NumberOf"/>.</param>
    public bool MayExist(int handle)
    {
        if (!_complete)
            return true;
        lock (_lock)
            return _handles.Contains(handle);
    }

    /// <summary>Reads all handles. <see cref="TokenChanges"/> adds those that are created meanwhile.</summary>
    internal async Task LoadAsync(CancellationToken cancellation)
    {
        var drops = Volatile.Read(ref _drops);
        await using var context = await _contexts.CreateDbContextAsync(cancellation);
        var chunks = context.Tokens.AsNoTracking().Select(token => token.Handle).AsAsyncEnumerable().Chunk(10_000);
        await foreach (var chunk in chunks.WithCancellation(cancellation))
            lock (_lock)
                foreach (var handle in chunk)
                    _handles.Add(ApiKey.NumberOf(handle));
        lock (_lock)
            _complete = drops == _drops;
    }

    public override void Dispose()
    {
        _changes.Changed -= Add;
        _changes.Dropped -= Doubt;
        _dropped.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
            try
            {
                if (_complete)
                    await _dropped.WaitAsync(stoppingToken);
                else
                    await LoadAsync(stoppingToken);
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

    private void Add(string handle)
    {
        lock (_lock)
            _handles.Add(ApiKey.NumberOf(handle));
    }

    private void Doubt()
    {
        lock (_lock)
        {
            _complete = false;
            _drops++;
        }

        _dropped.Release();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The token handles could not be read; Portal retries")]
    private partial void LogFailed(Exception exception);
}
