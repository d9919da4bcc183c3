namespace Portal.Commands.Backups;

/// <summary>Encrypts what is written to it. Without <see cref="Complete"/>, the result is no valid backup.</summary>
internal sealed class EncryptingStream : Stream
{
    private readonly Stream _target;
    private readonly BackupKey _key;
    private readonly CancellationToken _cancellation;
    private readonly byte[] _plain = new byte[BackupChunk.Length], _encrypted = new byte[BackupChunk.Length + BackupChunk.TagLength];
    private int _filled;
    private long _chunk;

    /// <param name="cancellation">Ends the next write.</param>
    public EncryptingStream(Stream target, BackupKey key, CancellationToken cancellation = default)
    {
        (_target, _key, _cancellation) = (target, key, cancellation);
        target.Write(key.Header);
    }

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            // A full chunk waits: only what follows tells whether it is the last one.
            if (_filled == _plain.Length)
                WriteChunk(isLast: false);
            var taken = Math.Min(buffer.Length, _plain.Length - _filled);
            buffer[..taken].CopyTo(_plain.AsSpan(_filled));
            _filled += taken;
            buffer = buffer[taken..];
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <summary>Writes the last chunk.</summary>
    public void Complete() => WriteChunk(isLast: true);

    public override void Flush()
    {
        // A chunk is written when it is full.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();

    private void WriteChunk(bool isLast)
    {
        _cancellation.ThrowIfCancellationRequested();
        BackupChunk.Encrypt(_key, _chunk++, isLast, _plain.AsSpan(0, _filled), _encrypted);
        _target.Write(_encrypted, 0, _filled + BackupChunk.TagLength);
        _filled = 0;
    }
}
