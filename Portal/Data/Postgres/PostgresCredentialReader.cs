using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace Portal.Data.Postgres;

/// <summary>Reads the credentials of concurrent requests together, because a statement for many costs a server and a network hardly more than one for
/// each.</summary>
/// <remarks>Thread-safe. No request waits for others to arrive: they are collected only while <see cref="MostAtOnce"/> statements run. A statement begins
/// after all its requests have asked, so each gets what was committed before. While a server takes over from another one, requests wait for it, but only
/// at the beginning of a failure: otherwise, they would pile up.</remarks>
/// <param name="replica">Null if none is configured.</param>
internal sealed class PostgresCredentialReader(
    IDbContextFactory<PortalDbContext> contexts, DatabaseDamage damage, TimeProvider clock, ReadLimiter? gate = null, PostgresReplica? replica = null) : ICredentialReader, IDisposable
{
    /// <summary>For how long requests wait for a server, from the first failure. After that, they fail at once until a server has answered.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    internal static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(100);

    internal const string Statement = CredentialRows.Columns + CredentialRows.Tables + """WHERE t."Handle" = ANY(@handles) ORDER BY t."Id", s."Id" DESC""";

    private const int MostAtOnce = 4;

    private const int MostTogether = 200;

    private readonly ConcurrentBag<OpenCommand> _idle = [];
    private readonly Lock _lock = new();
    private readonly Queue<Request> _requests = new();
    private int _running;
    private bool _disposed;

    /// <summary>Null: the last attempt succeeded.</summary>
    private volatile Failure? _failure;

    /// <inheritdoc/>
    public ValueTask<StoredCredential?> FindAsync(string handle, CancellationToken cancellation)
    {
        var request = new Request(handle);
        bool starts;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _requests.Enqueue(request);
            starts = _running < MostAtOnce;
            if (starts)
                _running++;
        }

        if (starts)
            _ = AnswerAsync();
        return new ValueTask<StoredCredential?>(request.Task.WaitAsync(cancellation));
    }

    public void Dispose()
    {
        lock (_lock)
            _disposed = true;
        while (_idle.TryTake(out var connection))
            connection.Dispose();
    }

    /// <summary>Answers requests until there are none.</summary>
    private async Task AnswerAsync()
    {
        while (TakeRequests() is { } requests)
            try
            {
                var found = await FindPatientlyAsync([.. requests.Select(request => request.Handle).Distinct()]);
                foreach (var request in requests)
                    request.TrySetResult(found.GetValueOrDefault(request.Handle));
            }
            catch (Exception exception)
            {
                foreach (var request in requests)
                    request.TrySetException(exception);
            }
    }

    private List<Request>? TakeRequests()
    {
        lock (_lock)
        {
            var taken = new List<Request>();
            while (taken.Count < MostTogether && _requests.TryDequeue(out var request))
                taken.Add(request);
            if (taken.Count > 0)
                return taken;
            _running--;
            return null;
        }
    }

    private async Task<Dictionary<string, StoredCredential>> FindPatientlyAsync(string[] handles)
    {
        while (true)
            try
            {
                var found = await FindAsync(handles);
                if (_failure is not null)
                    _failure = null;
                return found;
            }
            catch (Exception exception) when (PostgresErrors.IsServerAway(exception))
            {
                var failure = _failure ??= new Failure(clock.GetTimestamp());
                if (clock.GetElapsedTime(failure.Since) >= Patience)
                    throw;
                await Task.Delay(BetweenAttempts, clock);
            }
    }

    private async Task<Dictionary<string, StoredCredential>> FindAsync(string[] handles)
    {
        if (replica is not null && await replica.TryFindAsync(handles) is { } found)
            return found;
        if (!_idle.TryTake(out var idle))
            return await FindAsync(await OpenAsync(), handles);
        try
        {
            return await FindAsync(idle, handles);
        }
        catch (DbException exception) when (DatabaseErrors.IsConnectionLost(exception))
        {
            // The server was restarted while the connection was idle.
            return await FindAsync(await OpenAsync(), handles);
        }
    }

    private Task<OpenCommand> OpenAsync() => OpenCommand.OpenAsync(contexts, gate, Statement, "@handles", CancellationToken.None);

    private async Task<Dictionary<string, StoredCredential>> FindAsync(OpenCommand opened, string[] handles)
    {
        OpenCommand? broken = opened;
        var entered = false;
        try
        {
            if (gate is not null)
                await gate.EnterAsync(CancellationToken.None);
            entered = true;
            var found = new Dictionary<string, StoredCredential>(handles.Length, StringComparer.Ordinal);
            await using (var rows = await opened.ReadAsync(handles, CancellationToken.None))
                await CredentialRows.ReadAsync(rows, credential => found[credential.Handle] = credential, CancellationToken.None);
            Keep(opened);
            broken = null;
            return found;
        }
        catch (DbException exception)
        {
            damage.Observe(exception);
            throw;
        }
        finally
        {
            if (entered)
                gate?.Leave();
            broken?.Dispose();
        }
    }

    private void Keep(OpenCommand opened)
    {
        lock (_lock)
            if (!_disposed)
            {
                _idle.Add(opened);
                return;
            }

        opened.Dispose();
    }

    /// <param name="Since">The timestamp of the first attempt that failed.</param>
    private sealed record Failure(long Since);

    /// <summary>A request that waits. Its continuation doesn't hold up the others of the same statement.</summary>
    private sealed class Request(string handle) : TaskCompletionSource<StoredCredential?>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public string Handle => handle;
    }
}
