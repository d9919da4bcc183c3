using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace Portal.Data.Postgres;

/// <summary>Reads the credentials of concurrent requests together, because a statement for many costs a server and a network hardly more than one for
/// each.</summary>
/// <remarks>Thread-safe. No request waits for others to arrive: they are collected only while <see cref="MostAtOnce"/> statements run. A statement begins
/// after all its requests have asked, so each gets what was committed before.</remarks>
/// <param name="replica">Null if none is configured.</param>
internal sealed class PostgresCredentialReader(IDbContextFactory<PortalDbContext> contexts, DatabaseDamage damage, ReadLimiter? gate = null, PostgresReplica? replica = null) : ICredentialReader, IDisposable
{
    internal const string Statement = CredentialRows.Columns + CredentialRows.Tables + """WHERE t."Handle" = ANY(@handles) ORDER BY t."Id", s."Id" DESC""";

    private const int MostAtOnce = 4;

    private const int MostTogether = 200;

    private readonly ConcurrentBag<OpenCommand> _idle = [];
    private readonly Lock _lock = new();
    private readonly Queue<Request> _requests = new();
    private int _running;
    private bool _disposed;

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
                var found = await FindAsync([.. requests.Select(request => request.Handle).Distinct()]);
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

    /// <summary>A request that waits. Its continuation doesn't hold up the others of the same statement.</summary>
    private sealed class Request(string handle) : TaskCompletionSource<StoredCredential?>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public string Handle => handle;
    }
}
