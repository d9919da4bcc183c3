using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;

namespace Portal.Data.Sqlite;

/// <summary>Checks whether the write-ahead log beside the database belongs to it.</summary>
/// <remarks>After a crash, SQLite applies the log to whatever database it finds beside it. If that is a restored backup, the result is damaged. Each
/// start therefore sets the database's schema cookie, which SQLite's own backup never copies, to a random value, and stores the value in a file.
/// Statements that change the schema increment the cookie.</remarks>
internal sealed class WriteAheadLogOwner(DataDirectory directory)
{
    /// <summary>The offset of the schema cookie in the database file; see SQLite's file format, section 1.3.</summary>
    private const int CookieOffset = 40;

    /// <summary>Far beyond the cookie of a backup, which counts from one.</summary>
    private const int LowestCookie = 1 << 24;

    /// <summary>The maximum number of schema changes in a run.</summary>
    private const int Tolerance = 1 << 16;

    private readonly string _marker = directory.WalOwner;
    private int _cookie;

    /// <exception cref="DataDirectoryException">The log belongs to another database; the message says what to do.</exception>
    public void Check()
    {
        if (new FileInfo(directory.Database + "-wal") is not { Exists: true, Length: > 0 } || !File.Exists(_marker)
            || !int.TryParse(File.ReadAllText(_marker), NumberStyles.None, CultureInfo.InvariantCulture, out var expected))
            return;
        if (ReadCookie() is { } cookie && (cookie < expected || cookie > expected + Tolerance))
            throw new DataDirectoryException(
                $"{directory.Database}-wal does not belong to {directory.Database}: a backup was restored beside it. Remove portal.db-wal and portal.db-shm, then start Portal again.");
    }

    /// <summary>Gives the database a unique value while no one else uses it.</summary>
    public async Task BindAsync(PortalDbContext context, CancellationToken cancellation)
    {
        File.Delete(_marker);
        _cookie = RandomNumberGenerator.GetInt32(LowestCookie, int.MaxValue - Tolerance);
        // A pragma takes no parameters.
        await context.Database.ExecuteSqlRawAsync(string.Create(CultureInfo.InvariantCulture, $"PRAGMA schema_version = {_cookie}"), cancellation);
        await context.Database.ExecuteSqlRawAsync("PRAGMA wal_checkpoint(TRUNCATE)", cancellation);
    }

    /// <summary>Stores the value. Call it when the value is in the database file and the connection is closed: reading the file earlier would release
    /// SQLite's locks.</summary>
    public void Keep()
    {
        if (ReadCookie() != _cookie)
            return;
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new StreamWriter(_marker, options);
        file.Write(_cookie.ToString(CultureInfo.InvariantCulture));
    }

    private int? ReadCookie()
    {
        Span<byte> bytes = stackalloc byte[CookieOffset + sizeof(int)];
        using var file = new FileStream(directory.Database, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        return file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length ? BinaryPrimitives.ReadInt32BigEndian(bytes[CookieOffset..]) : null;
    }
}
