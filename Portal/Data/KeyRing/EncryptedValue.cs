using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace Portal.Data.KeyRing;

/// <summary>A value that the key ring encrypted, as data protection stores it.</summary>
/// <remarks>It begins with the bytes 09 F0 C9 F0 and the ID of the key.</remarks>
internal static class EncryptedValue
{
    private const int KeyIdAt = 4, KeyIdLength = 16;

    private static ReadOnlySpan<byte> Magic => [0x09, 0xF0, 0xC9, 0xF0];

    /// <returns>The ID of the key; null: the value isn't encrypted by data protection.</returns>
    public static Guid? KeyOf(ReadOnlySpan<byte> value) =>
        value.Length >= KeyIdAt + KeyIdLength && value.StartsWith(Magic) ? new Guid(value.Slice(KeyIdAt, KeyIdLength)) : null;

    /// <summary>Decrypts a value, and encrypts it with the current key.</summary>
    /// <returns>Null: no key of the key ring can decrypt it.</returns>
    public static byte[]? Reencrypt(IDataProtector protector, byte[] value)
    {
        byte[]? plain = null;
        try
        {
            plain = protector.Unprotect(value);
            return protector.Protect(plain);
        }
        catch (CryptographicException)
        {
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    /// <summary>Encrypts rows again in batches, so that each write takes only some milliseconds, and rests as long as it has worked.</summary>
    /// <param name="find">Finds the rows after the given one; null: from the first one.</param>
    /// <param name="replace">Stores the new values of rows that still have the old one.</param>
    public static async Task<ReencryptedValues> ReencryptAsync(
        Guid keyId, Func<EncryptedRow?, Task<List<EncryptedRow>>> find, Func<EncryptedRow, IDataProtector> protectorOf,
        Func<IReadOnlyList<(EncryptedRow Row, byte[] Value)>, Task> replace, IProgress<ReencryptedValues>? progress, CancellationToken cancellation)
    {
        var counts = default(ReencryptedValues);
        for (EncryptedRow? last = null; await find(last) is { Count: > 0 } rows; last = rows[^1])
        {
            cancellation.ThrowIfCancellationRequested();
            var began = TimeProvider.System.GetTimestamp();
            var changed = new List<(EncryptedRow, byte[])>();
            foreach (var row in rows.Where(row => KeyOf(row.Value) != keyId))
                if (Reencrypt(protectorOf(row), row.Value) is { } value)
                    changed.Add((row, value));
                else
                    counts += new ReencryptedValues(0, 0, 1);
            if (changed.Count > 0)
                await replace(changed);
            counts += new ReencryptedValues(rows.Count, changed.Count, 0);
            progress?.Report(counts);
            // Others may write, too.
            if (changed.Count > 0)
                await Task.Delay(TimeProvider.System.GetElapsedTime(began), cancellation);
        }

        return counts;
    }
}

/// <param name="Id">The number of the row, if it has one.</param>
/// <param name="Owner">To what the value is bound: a handle or a user. A copy in another row can't be decrypted.</param>
internal sealed record EncryptedRow(long Id, string Owner, byte[] Value);
