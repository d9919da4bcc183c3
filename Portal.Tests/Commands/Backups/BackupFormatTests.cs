using Portal.Commands.Backups;
using Portal.Tests.Support;

namespace Portal.Tests.Commands.Backups;

/// <summary>The encrypted format: everything comes back, and nothing that was changed is accepted.</summary>
public sealed class BackupFormatTests
{
    private const string Passphrase = "correct horse battery staple";
    private const int Chunk = BackupChunk.Length;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Chunk - 1)]
    [InlineData(Chunk)]
    [InlineData(Chunk + 1)]
    [InlineData(2 * Chunk)]
    [InlineData(3 * Chunk + 17)]
    public void Decrypt_AnyLength_ReturnsWhatWasEncrypted(int length)
    {
        var content = Content(length);
        var backup = Encrypt(content);

        Assert.Equal(content, Decrypt(backup));
        Assert.Equal(BackupKey.HeaderLength + length + BackupChunk.TagLength * Math.Max(1, (length + Chunk - 1) / Chunk), backup.Length);
    }

    /// <summary>Every byte of a small backup, in all its parts.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public void Decrypt_EachByteAltered_IsRefused(int length)
    {
        var backup = Encrypt(Content(length));
        for (var at = 0; at < backup.Length; at++)
            foreach (var change in ChangesAt(at))
                AssertRefused(backup, altered => altered[at] ^= change, $"byte {at} changed by {change}");
    }

    [Fact]
    public void Decrypt_AnyByteOfSeveralChunksAltered_IsRefused()
    {
        var backup = Encrypt(Content(2 * Chunk + 100));
        var random = new SeededRandom(13);
        for (var i = 0; i < 300; i++)
        {
            var at = random.Next(BackupKey.HeaderLength, backup.Length);
            var change = (byte)random.Next(1, 256);
            AssertRefused(backup, altered => altered[at] ^= change, $"byte {at} changed by {change}");
        }
    }

    [Fact]
    public void Decrypt_Truncated_IsRefusedAtEachLength()
    {
        var backup = Encrypt(Content(100));
        for (var length = 0; length < backup.Length; length++)
            Assert.Throws<BackupException>(() => Decrypt(backup[..length]));
    }

    /// <summary>Each part is authentic on its own.</summary>
    [Theory]
    [InlineData("the last chunk is missing")]
    [InlineData("a chunk is missing")]
    [InlineData("a chunk is repeated")]
    [InlineData("two chunks are exchanged")]
    [InlineData("a byte follows")]
    [InlineData("a chunk of another backup")]
    public void Decrypt_ChunksRearranged_IsRefused(string change)
    {
        var content = Content(3 * Chunk + 100);
        var (backup, other) = (Encrypt(content), Encrypt(content));
        const int First = BackupKey.HeaderLength, Size = Chunk + BackupChunk.TagLength;
        byte[] Part(int number) => backup[(First + number * Size)..Math.Min(First + (number + 1) * Size, backup.Length)];
        var head = backup[..First];

        byte[] altered = change switch
        {
            "the last chunk is missing" => [.. head, .. Part(0), .. Part(1), .. Part(2)],
            "a chunk is missing" => [.. head, .. Part(0), .. Part(2), .. Part(3)],
            "a chunk is repeated" => [.. head, .. Part(0), .. Part(0), .. Part(1), .. Part(2), .. Part(3)],
            "two chunks are exchanged" => [.. head, .. Part(1), .. Part(0), .. Part(2), .. Part(3)],
            "a byte follows" => [.. backup, 0],
            _ => [.. head, .. other[First..(First + Size)], .. Part(1), .. Part(2), .. Part(3)],
        };

        Assert.Throws<BackupException>(() => Decrypt(altered));
    }

    [Fact]
    public void Decrypt_OtherPassphrase_SaysSo() => Assert.Contains(
        "The passphrase does not fit", Assert.Throws<BackupException>(() => Decrypt(Encrypt(Content(10)), "another passphrase")).Message, StringComparison.Ordinal);

    [Fact]
    public void Decrypt_PassphraseInAnotherUnicodeForm_IsTheSame() =>
        Assert.Equal(Content(10), Decrypt(Encrypt(Content(10), "Schl\u00fcsselbund"), "Schlu\u0308sselbund"));

    [Fact]
    public void Decrypt_NewerFormat_SaysSo()
    {
        var backup = Encrypt(Content(10));
        backup[8] = 2;
        Assert.Contains("has a newer format", Assert.Throws<BackupException>(() => Decrypt(backup)).Message, StringComparison.Ordinal);
    }

    /// <summary>Two backups with the same passphrase share no key.</summary>
    [Fact]
    public void Encrypt_Twice_GivesDifferentBytes() =>
        Assert.NotEqual(Encrypt(Content(100))[BackupKey.HeaderLength..], Encrypt(Content(100))[BackupKey.HeaderLength..]);

    private static byte[] Content(int length)
    {
        var random = new SeededRandom(length);
        return [.. Enumerable.Range(0, length).Select(_ => (byte)random.Next(0, 256))];
    }

    /// <summary>Other changes of the iterations only make the test slow.</summary>
    private static byte[] ChangesAt(int position) => position is >= 9 and <= 12 ? [0xFF] : [0x01, 0x80, 0xFF];

    private static void AssertRefused(byte[] backup, Action<byte[]> change, string what)
    {
        var altered = backup.ToArray();
        change(altered);
        Assert.True(Record.Exception(() => Decrypt(altered)) is BackupException, what);
    }

    private static byte[] Encrypt(byte[] content, string passphrase = Passphrase)
    {
        using var key = BackupKey.Create(passphrase, iterations: 1);
        using var backup = new MemoryStream();
        using var encrypting = new EncryptingStream(backup, key);
        encrypting.Write(content);
        encrypting.Complete();
        return backup.ToArray();
    }

    private static byte[] Decrypt(byte[] backup, string passphrase = Passphrase)
    {
        using var source = new MemoryStream(backup);
        using var key = BackupKey.Read(source, "a.portal", passphrase);
        using var decrypting = new DecryptingStream(source, key, "a.portal");
        using var content = new MemoryStream();
        decrypting.CopyTo(content);
        return content.ToArray();
    }
}
