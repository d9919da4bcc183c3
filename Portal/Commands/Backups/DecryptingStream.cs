using System.Security.Cryptography;

namespace Portal.Commands.Backups;

/// <summary>Decrypts a backup after its header. Returns only bytes whose chunk is authentic.</summary>
internal sealed class DecryptingStream(Stream source, BackupKey key, string path, CancellationToken cancellation = default) : Stream
{
    private readonly byte[] _encrypted = new byte[BackupChunk.Length + BackupChunk.TagLength + 1], _plain = new byte[BackupChunk.Length];
    private int _ahead, _start, _end;
    private long _chunk;
    private bool _ended;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="BackupException">The backup was changed or is incomplete.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (_start == _end && !_ended)
            ReadChunk();
        var taken = Math.Min(buffer.Length, _end - _start);
        _plain.AsSpan(_start, taken).CopyTo(buffer);
        _start += taken;
        return taken;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush() => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>Reads one byte more than a chunk has, because the last chunk is the one that nothing follows.</summary>
    private void ReadChunk()
    {
        cancellation.ThrowIfCancellationRequested();
        var length = _ahead + source.ReadAtLeast(_encrypted.AsSpan(_ahead), _encrypted.Length - _ahead, throwOnEndOfStream: false);
        _ended = length < _encrypted.Length;
        var chunk = _ended ? length : length - 1;
        try
        {
            if (chunk < BackupChunk.TagLength)
                throw new CryptographicException();
            BackupChunk.Decrypt(key, _chunk++, _ended, _encrypted.AsSpan(0, chunk), _plain.AsSpan(0, chunk - BackupChunk.TagLength));
        }
        catch (CryptographicException)
        {
            throw BackupException.Damaged(path);
        }

        (_start, _end, _ahead) = (0, chunk - BackupChunk.TagLength, 0);
        if (_ended)
            return;
        _encrypted[0] = _encrypted[^1];
        _ahead = 1;
    }
}
