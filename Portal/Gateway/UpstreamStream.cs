using System.Net.Sockets;

namespace Portal.Gateway;

/// <summary>A connection to an upstream. If an upstream responds before it has read the whole request and then closes the connection, sending fails
/// although the response has arrived. The rest of the request is then discarded, so that the client gets the response.</summary>
internal sealed class UpstreamStream(Socket socket) : Stream
{
    /// <summary>The longest time for which a client's unread data is accepted and discarded.</summary>
    private static readonly TimeSpan LongestDiscard = TimeSpan.FromSeconds(30);

    /// <summary>The longest wait for data that arrived before the connection broke.</summary>
    private static readonly TimeSpan LongestRead = TimeSpan.FromMilliseconds(500);

    private readonly NetworkStream _inner = new(socket, ownsSocket: true);
    private volatile ReadState _state = ReadState.None;

    /// <summary>Completed when the pending read ends; null if nothing waits for it.</summary>
    private volatile TaskCompletionSource? _read;
    private long _discardsSince;

    private enum ReadState
    {
        /// <summary>Nothing has been read yet.</summary>
        None,
        Pending,
        Arrived,
        Ended,
    }

    public override bool CanRead => true;
    public override bool CanWrite => true;
    public override bool CanSeek => false;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _state = ReadState.Pending;
        var reading = _inner.ReadAsync(buffer, cancellationToken);
        return reading.IsCompletedSuccessfully ? new(Note(reading.Result, buffer.Length)) : NoteAsync(reading, buffer.Length);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_discardsSince != 0)
            return Discard();
        var writing = _inner.WriteAsync(buffer, cancellationToken);
        return writing.IsCompletedSuccessfully ? writing : FinishAsync(writing);
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
        // Nothing is buffered.
    }

    public override int Read(byte[] buffer, int offset, int count) => _inner.Read(buffer, offset, count);

    public override void Write(byte[] buffer, int offset, int count) => _inner.Write(buffer, offset, count);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _inner.Dispose();
        base.Dispose(disposing);
    }

    private async ValueTask<int> NoteAsync(ValueTask<int> reading, int wanted)
    {
        try
        {
            return Note(await reading, wanted);
        }
        catch
        {
            SetState(ReadState.Ended);
            throw;
        }
    }

    /// <param name="wanted">0 if the read only waited for data.</param>
    private int Note(int read, int wanted)
    {
        if (read > 0)
            SetState(ReadState.Arrived);
        else if (wanted > 0)
            SetState(ReadState.Ended);
        return read;
    }

    private void SetState(ReadState state)
    {
        _state = state;
        _read?.TrySetResult();
    }

    private async ValueTask FinishAsync(ValueTask writing)
    {
        var task = writing.AsTask();
        await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (task.Exception?.InnerException is IOException && await HasAnswerAsync())
            _discardsSince = Environment.TickCount64;
        else
            await task;
    }

    /// <summary>Data that arrived before the connection broke can still be read. A waiting read then fails.</summary>
    private async ValueTask<bool> HasAnswerAsync()
    {
        if (_state == ReadState.Pending)
        {
            var read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _read = read;
            if (_state == ReadState.Pending)
                await Task.WhenAny(read.Task, Task.Delay(LongestRead));
        }

        return _state == ReadState.Arrived || (_state == ReadState.None && socket.Available > 0);
    }

    private ValueTask Discard() => Environment.TickCount64 - _discardsSince < LongestDiscard.TotalMilliseconds
        ? default
        : ValueTask.FromException(new IOException("The upstream answered and closed the connection before it had read the request."));
}
